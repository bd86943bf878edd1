"""The tab Info: every value is edited where it stands and saves by itself."""

import re
from uuid import uuid4

import pytest
import time_machine

from carteira.core import people
from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.customers import verify
from carteira.customers.edit import edit
from carteira.customers.models import Address, Contact, ContactPoint, Customer
from carteira.customers.parts import MOST, PARTS, CannotKeep, add, bring_back, change, make_main, remove
from carteira.customers.search import best_hits
from conftest import NOW, TODAY

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def maria(cast, make_customer):
    return make_customer(
        cast.aurora, "Maria Silva", phone="+5511987654321", document_kind="cpf", document="52998224725", city="Natal"
    )


def field(customer, column):
    return f"/aurora/customers/{customer.pk}/info/{column}/"


def info(customer):
    return f"/aurora/customers/{customer.pk}/tab/info/"


def send(cast, customer, column, was, value, user=None):
    body = {"was": was, "value": value}
    return cast.client(user or cast.ana).post(field(customer, column), body, headers=HTMX)


def stored(cast, customer, column):
    with scope(cast.aurora.pk):
        return Customer.objects.values_list(column, flat=True).get(pk=customer.pk)


@pytest.mark.parametrize(
    ("column", "was", "typed", "kept", "shown"),
    [
        ("name", "Maria Silva", "Maria  da Silva ", "Maria da Silva", "Maria da Silva"),
        ("phone", "(11) 98765-4321", "11 3456-7890", "+551134567890", "(11) 3456-7890"),
        ("email", "", "Maria@Example.com", "maria@example.com", "maria@example.com"),
        ("document", "529.982.247-25", "", "", ""),
        ("birth_on", "", "02/05/1990", "1990-05-02", "02/05/1990"),
        ("source", "", "Instagram", "Instagram", "Instagram"),
        ("code", "", "2026-7", "2026-7", "2026-7"),
        ("registered_on", "21/11/2026", "01/02/2025", "2025-02-01", "01/02/2025"),
        ("postal_code", "", "01310100", "01310100", "01310-100"),
        ("state", "", "SP", "SP", "SP"),
        ("country", "BR", "PT", "PT", "PT"),
        ("street_number", "", "S/N", "S/N", "S/N"),
    ],
)
def test_each_value_saves_by_itself(cast, maria, column, was, typed, kept, shown):
    """S1-07: typed, saved, said; written again as people write it, ready for the next change."""
    answer = send(cast, maria, column, was, typed)
    assert answer.status_code == 200
    assert str(stored(cast, maria, column)) == kept
    item = answer.context["item"]
    assert (item.shown, item.saved) == (shown, True)
    assert "saved" in item.said
    again = send(cast, maria, column, shown, was)
    assert again.status_code == (422 if column == "registered_on" and not was else 200)


def test_a_state_not_given_is_a_dash_and_one_of_elsewhere_stays(cast, maria):
    """S1-07: no blank line among the states; a state of another country, kept from before, can be seen."""
    client = cast.client(cast.ana)
    lines = client.get(info(maria)).content.decode().split('id="f-')
    assert next(line.count('<option value=""') for line in lines if "Acre (AC)" in line) == 1
    with scope(cast.aurora.pk):
        Customer.objects.filter(pk=maria.pk).update(state="Mendoza")
    assert '<option value="Mendoza" selected>Mendoza</option>' in client.get(info(maria)).content.decode()


def test_old_and_new_value_stand_in_the_history_as_personal(cast, maria):
    """S1-07, S1-17: who changed what from what into what; the values where erasure finds them."""
    send(cast, maria, "city", "Natal", "Recife", cast.sofia)
    with scope(cast.aurora.pk):
        event = Event.objects.filter(kind="customer.edited").get()
    assert (event.by, event.what) == (cast.sofia, {"fields": ["city"]})
    assert event.personal == {"old": {"city": "Natal"}, "new": {"city": "Recife"}}


def test_the_history_writes_phones_and_postal_codes_as_people_do(cast, maria):
    """S1-17: +55 11 3344-5566 and 01310-100, not what the database keeps."""
    send(cast, maria, "postal_code", "", "01310100")
    send(cast, maria, "phone", shown_phone(cast, maria), "1133445566")
    page = cast.client(cast.ana).get(f"/aurora/customers/{maria.pk}/tab/history/").content.decode()
    assert "01310-100" in page
    assert "+55 11 3344-5566" in page


def shown_phone(cast, customer):
    return people.format_phone(stored(cast, customer, "phone"), "BR") if stored(cast, customer, "phone") else ""


def test_what_cannot_be_keeps_what_was_typed(cast, maria):
    """A sentence beside the field; nothing is written."""
    for column, was, typed in (
        ("email", "", "maria@"),
        ("phone", "(11) 98765-4321", "12"),
        ("document", "529.982.247-25", "111.111.111-12"),
        ("name", "Maria Silva", ""),
        ("registered_on", "21/11/2026", ""),
        ("registered_on", "21/11/2026", "22/11/2026"),
        ("birth_on", "", "31/02/1990"),
        ("birth_on", "", "01/01/1700"),
        ("postal_code", "", "123"),
        ("state", "", "XX"),
        ("country", "BR", "ZZ"),
        ("owner", "", str(uuid4())),
        ("owner", "", "banana"),
        ("kind", "person", "dog"),
        ("street", "", "x" * 201),
        ("city", "Natal", "a\x00b"),
    ):
        answer = send(cast, maria, column, was, typed)
        assert answer.status_code == 422, column
        item = answer.context["item"]
        assert (item.typed, item.shown) == (typed.strip(), was)
        assert item.error
        assert 'aria-invalid="true"' in answer.text
    with scope(cast.aurora.pk):
        assert not Event.objects.filter(kind="customer.edited").exists()


def test_somebody_elses_change_asks_first(cast, maria):
    """Decision 13: 409, both values, who it was; then mine by one more click, or theirs."""
    with scope(cast.aurora.pk):
        edit(maria, by=cast.beto, now=NOW, city="Recife")
    answer = send(cast, maria, "city", "Natal", "Olinda")
    assert answer.status_code == 409
    item = answer.context["item"]
    assert (item.shown, item.typed, item.changed_by) == ("Recife", "Olinda", "Beto")
    assert "Meanwhile Beto changed this to “Recife”." in answer.text
    assert re.search(r'name="was"\s+value="Recife"', answer.text)
    assert stored(cast, maria, "city") == "Recife"
    assert cast.client(cast.ana).get(field(maria, "city"), headers=HTMX).context["item"].value == "Recife"
    assert send(cast, maria, "city", "Recife", "Olinda").status_code == 200
    assert stored(cast, maria, "city") == "Olinda"
    assert send(cast, maria, "city", "Recife", "Olinda").status_code == 200, "both wrote the same"
    assert send(cast, maria, "city", "Natal", "Natal").context["item"].shown == "Olinda", "nothing typed, nothing lost"


def test_other_fields_do_not_stand_in_the_way(cast, maria):
    """Two people at one card, each at another value: nobody is asked."""
    with scope(cast.aurora.pk):
        edit(maria, by=cast.beto, now=NOW, city="Recife")
    assert send(cast, maria, "source", "", "Google").status_code == 200
    assert (stored(cast, maria, "city"), stored(cast, maria, "source")) == ("Recife", "Google")


def test_a_cnpj_makes_a_company_and_brings_its_field_along(cast, maria):
    answer = send(cast, maria, "document", "529.982.247-25", "11.222.333/0001-81")
    assert stored(cast, maria, "kind") == "company"
    assert [item.shown for item in answer.context["also"]] == ["company"]


def test_a_code_somebody_has_is_refused_by_name(cast, maria, make_customer):
    make_customer(cast.aurora, "Bia", code="A1")
    assert "Bia (customer 2) has this code already." in send(cast, maria, "code", "", "A1").context["item"].error


def test_the_owner_is_a_member_of_this_business(cast, maria):
    """S1-05: who is in charge; nobody of another business can be."""
    assert send(cast, maria, "owner", "", str(cast.beto.pk)).status_code == 200
    assert stored(cast, maria, "owner") == cast.beto.pk
    assert send(cast, maria, "owner", str(cast.beto.pk), str(cast.dora.pk)).status_code == 422
    with scope(cast.aurora.pk):
        assert Event.objects.get(kind="customer.edited").personal["new"] == {"owner": "Beto"}


def test_without_scripts_the_page_comes_again(cast, maria):
    """A plain POST saves and goes back; a refused one shows the whole tab with that field as it was typed."""
    client = cast.client(cast.ana)
    done = client.post(field(maria, "city"), {"was": "Natal", "value": "Recife"})
    assert (done.status_code, done["Location"]) == (302, info(maria))
    refused = client.post(field(maria, "email"), {"was": "", "value": "maria@"})
    assert refused.status_code == 422
    assert 'value="maria@"' in refused.text
    assert "Identification" in refused.text
    changed = client.post(field(maria, "city"), {"was": "Natal", "value": "Olinda"})
    assert changed.status_code == 409
    assert "changed this to “Recife”" in changed.text


def test_a_viewer_reads_only_and_sees_documents_with_holes(cast, maria):
    page = cast.client(cast.caio).get(info(maria)).text
    assert "***.982.247-**" in page
    assert "529.982.247-25" not in page
    assert "data-inline" not in page
    assert send(cast, maria, "city", "Natal", "Recife", cast.caio).status_code == 403


def test_unknown_columns_and_parts_are_not_there(cast, maria):
    """A7: only what a person writes; caches, numbers and keys are no fields."""
    client = cast.client(cast.ana)
    for column in ("number", "last_paid_on", "account", "search", "document_kind", "photo", "nothing"):
        assert client.post(field(maria, column), {"was": "", "value": "7"}).status_code == 404
    with scope(cast.aurora.pk):
        row = add(PARTS["contacts"], maria, name="Rosa", by=None, now=NOW)
    parts = f"/aurora/customers/{maria.pk}/parts/"
    for path in (f"contacts/{row.pk}/customer/", f"contacts/{row.pk}/other/", f"dogs/{row.pk}/name/", "dogs/"):
        assert client.post(parts + path, {"was": "", "value": "7"}).status_code == 404


def test_names_are_text(cast, maria):
    """A2."""
    send(cast, maria, "street", "", "<script>alert(1)</script>")
    page = cast.client(cast.ana).get(info(maria)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


# -- further e-mails and phones, addresses, contacts


def post(cast, customer, part, **body):
    url = f"/aurora/customers/{customer.pk}/parts/{part}/"
    return cast.client(cast.ana).post(url, {f"{part}-{name}": value for name, value in body.items()})


def rows(cast, model, *columns):
    with scope(cast.aurora.pk):
        return list(model.objects.order_by("id").values_list(*columns))


def test_several_phones_and_emails_with_labels(cast, maria):
    """S1-05: more than one way to reach somebody, each with a word that says which; refused ones keep what was typed."""
    assert post(cast, maria, "points", kind="phone", value="11 3456-7890", label="Trabalho").status_code == 302
    assert post(cast, maria, "points", kind="email", value="M@example.com", label="").status_code == 302
    assert rows(cast, ContactPoint, "kind", "value", "label") == [
        ("phone", "+551134567890", "Trabalho"),
        ("email", "m@example.com", ""),
    ]
    for value in ("12", "(11) 3456-7890", "(11) 98765-4321", ""):
        refused = post(cast, maria, "points", kind="phone", value=value, label="Casa")
        assert refused.status_code == 422
        assert 'value="Casa"' in refused.text
    assert len(rows(cast, ContactPoint, "id")) == 2


def test_a_further_phone_becomes_the_main_one(cast, maria):
    with scope(cast.aurora.pk):
        point = add(PARTS["points"], maria, kind="phone", value="+551134567890", label="Casa", by=None, now=NOW)
        make_main(point, by=cast.ana, now=NOW)
        mail = add(PARTS["points"], maria, kind="email", value="m@example.com", label="", by=None, now=NOW)
        make_main(mail, by=cast.ana, now=NOW)
    assert stored(cast, maria, "phone") == "+551134567890"
    assert stored(cast, maria, "email") == "m@example.com"
    assert rows(cast, ContactPoint, "value") == [("+5511987654321",)]


def test_addresses_of_brazil_and_elsewhere(cast, maria):
    """A CEP and a UF in Brazil; another country's postal codes and provinces as they are."""
    brazil = {"country": "BR", "postal_code": "59020-000", "street": "Av. Hermes", "state": "rn", "city": "Natal"}
    assert post(cast, maria, "addresses", label="Entrega", **brazil).status_code == 302
    abroad = {"country": "PT", "postal_code": "1000-001 ", "street": "Rua Áurea", "state": "Lisboa", "city": "Lisboa"}
    assert post(cast, maria, "addresses", **abroad).status_code == 302
    assert rows(cast, Address, "country", "postal_code", "state", "label") == [
        ("BR", "59020000", "RN", "Entrega"),
        ("PT", "1000-001", "Lisboa", ""),
    ]
    assert post(cast, maria, "addresses", **{**brazil, "postal_code": "1"}).status_code == 422
    assert post(cast, maria, "addresses", country="BR", label="Nada").status_code == 422


def test_a_company_with_two_contacts(cast, make_customer):
    """Issue 3: people of a company, in place; one of them pays, at most one."""
    firm = make_customer(cast.aurora, "Padaria Ltda", kind="company")
    assert post(cast, firm, "contacts", name="Rosa Lima", role="Dona", email="rosa@example.com").status_code == 302
    assert post(cast, firm, "contacts", name="Davi", phone="11987650000", is_payer="on").status_code == 302
    assert post(cast, firm, "contacts", role="Ninguém").status_code == 422
    with scope(cast.aurora.pk):
        rosa, _davi = Contact.objects.order_by("id")
    client = cast.client(cast.ana)
    url = f"/aurora/customers/{firm.pk}/parts/contacts/{rosa.pk}/role/"
    assert client.post(url, {"was": "Dona", "value": "Sócia"}, headers=HTMX).status_code == 200
    assert client.post(url, {"was": "Dona", "value": "Chefe"}, headers=HTMX).status_code == 409
    client.post(f"/aurora/customers/{firm.pk}/payer/{rosa.pk}/", {"pays": "1"})
    assert rows(cast, Contact, "name", "role", "is_payer") == [("Rosa Lima", "Sócia", True), ("Davi", "", False)]
    client.post(f"/aurora/customers/{firm.pk}/payer/{rosa.pk}/", {})
    assert [row[0] for row in rows(cast, Contact, "is_payer")] == [False, False]
    assert "Rosa Lima" in client.get(info(firm)).text


def test_another_customer_as_payer(cast, maria, make_customer):
    """Decision 3: a guardian who is a customer too; each card leads to the other."""
    rosa = make_customer(cast.aurora, "Rosa Silva", code="R7", email="rosa@example.com")
    for called in ("R7", f"#{rosa.number}", "rosa@example.com", "ROSA silva"):
        assert post(cast, maria, "contacts", other=called, role="Mãe", is_payer="on").status_code == 302
        with scope(cast.aurora.pk):
            assert Contact.objects.get().other == rosa
            remove(Contact.objects.get(), by=None, now=NOW)
    post(cast, maria, "contacts", other="R7", role="Mãe")
    client = cast.client(cast.ana)
    assert "rosa@example.com" in client.get(info(maria)).text
    assert "Maria Silva" in client.get(info(rosa)).text
    make_customer(cast.aurora, "Rosa Silva", city="Recife")
    ambiguous = post(cast, maria, "contacts", other="Rosa Silva")
    assert ambiguous.status_code == 422
    assert f"#{rosa.number}" in ambiguous.text
    for nobody in ("Nobody", str(maria.code or f"#{maria.number}"), "R7"):
        assert post(cast, maria, "contacts", other=nobody).status_code == 422


def test_nobody_elses_customer_is_a_contact(cast, maria, make_customer):
    """T1: next door's code and e-mail name nobody here."""
    make_customer(cast.boreal, "Bela", code="B1", email="bela@example.com")
    for called in ("B1", "bela@example.com", "Bela"):
        assert post(cast, maria, "contacts", other=called).status_code == 422


def test_removed_and_brought_back(cast, maria):
    """Destructive acts offer undo: the same values, told in the history."""
    with scope(cast.aurora.pk):
        row = add(PARTS["contacts"], maria, name="Rosa", role="Mãe", is_payer=True, by=None, now=NOW)
        change(row, role="Avó", by=None, now=NOW)
    client = cast.client(cast.ana)
    done = client.post(f"/aurora/customers/{maria.pk}/parts/contacts/{row.pk}/remove/", follow=True)
    assert rows(cast, Contact, "id") == []
    undo = next(iter(done.context["messages"])).extra_tags
    client.post(undo)
    assert rows(cast, Contact, "name", "role", "is_payer") == [("Rosa", "Avó", True)]
    told = client.get(f"/aurora/customers/{maria.pk}/tab/history/").text
    for sentence in ("Contact added. Rosa", "Contact changed. Rosa", "Contact removed. Rosa"):
        assert sentence in told
    other = client.post(f"/aurora/customers/{maria.pk}/bring-back/{uuid4()}/")
    assert other.status_code == 404


def test_only_removals_are_brought_back_and_only_once(cast, maria):
    with scope(cast.aurora.pk):
        row = add(PARTS["points"], maria, kind="email", value="m@example.com", label="", by=None, now=NOW)
        event = remove(row, by=None, now=NOW)
        bring_back(event, by=None, now=NOW)
        with pytest.raises(CannotKeep):
            bring_back(event, by=None, now=NOW)
        with pytest.raises(CannotKeep):
            bring_back(Event.objects.filter(kind="customer.registered").get(), by=None, now=NOW)


def test_not_without_end(cast, maria):
    """A17: a card is no place for a thousand addresses."""
    with scope(cast.aurora.pk):
        for nth in range(MOST):
            add(PARTS["points"], maria, kind="email", value=f"m{nth}@example.com", label="", by=None, now=NOW)
        with pytest.raises(CannotKeep):
            add(PARTS["points"], maria, kind="email", value="more@example.com", label="", by=None, now=NOW)


def test_the_search_finds_by_all_of_it(cast, maria):
    """S2-19: any fragment of any phone (with and without its ninth digit), e-mail and contact, until it is removed."""

    def found(text):
        with scope(cast.aurora.pk):
            return [hit.title for hit in best_hits(text, 5)]

    with scope(cast.aurora.pk):
        kept = {"by": None, "now": NOW}
        point = add(PARTS["points"], maria, kind="phone", value="+5584991234567", label="", **kept)
        add(PARTS["points"], maria, kind="email", value="escola@pipa.example", label="", **kept)
        contact = add(PARTS["contacts"], maria, name="Rosângela Prado", email="rp@example.net", **kept)
    for text in ("84 99123-4567", "9123-4567", "@pipa", "rosangela", "PRADO", "rp@example"):
        assert found(text) == ["Maria Silva"], text
    with scope(cast.aurora.pk):
        edit(maria, name="Maria Souza", by=None, now=NOW)
        change(contact, name="Rosângela Leite", by=None, now=NOW)
        remove(point, by=None, now=NOW)
        assert found("prado") == found("99123-4567") == []
        assert found("rosangela") == ["Maria Souza"]
        assert [*verify.search_more(), *verify.derived_columns(), *verify.search_entries()] == []


def test_verify_tells_a_search_text_that_lags_behind(cast, maria):
    with scope(cast.aurora.pk):
        ContactPoint.objects.create(customer=maria, kind="email", value="m@example.com")
        assert len(list(verify.search_more())) == 1


def test_somebody_elses_rows_are_not_found(cast, maria, make_customer):
    """T1: next door's rows, and another customer's of the same business, are 404 in every address."""
    bela, other = make_customer(cast.boreal, "Bela"), make_customer(cast.aurora, "Outra")
    with scope(cast.boreal.pk):
        theirs = add(PARTS["points"], bela, kind="email", value="b@example.com", label="", by=None, now=NOW)
    with scope(cast.aurora.pk):
        ours = add(PARTS["points"], other, kind="email", value="o@example.com", label="", by=None, now=NOW)
    client = cast.client(cast.ana)
    for row in (theirs, ours):
        for path in (f"parts/points/{row.pk}/label/", f"parts/points/{row.pk}/remove/", f"main-point/{row.pk}/"):
            url = f"/aurora/customers/{maria.pk}/{path}"
            assert client.post(url, {"was": "", "value": "x"}).status_code == 404
    assert client.post(f"/aurora/customers/{bela.pk}/parts/points/", {}).status_code == 404


def test_the_registration_day_may_be_changed_until_the_archive(cast, maria):
    """The refusals of the verb stand beside the field too."""
    from carteira.customers.archive import archive

    with scope(cast.aurora.pk):
        edit(maria, registered_on=TODAY.replace(day=1), by=None, now=NOW)
        archive(maria, on=TODAY.replace(day=2), by=None, now=NOW)
    answer = send(cast, maria, "registered_on", "01/11/2026", "10/11/2026")
    assert answer.status_code == 422
    assert "cannot be later" in answer.context["item"].error
