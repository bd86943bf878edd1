"""What else a line brings: further e-mails and phones, contacts, who is in charge, who pays (S0-15, S3-06)."""

import pytest

from carteira.core.events.models import Event
from carteira.core.verify import verify_account
from carteira.core.walls import scope
from carteira.customers.models import Contact, ContactPoint, Customer
from carteira.customers.parts import PARTS, add
from carteira.customers.search import best_hits
from conftest import NOW

CPF, CPF2 = "529.982.247-25", "111.444.777-35"


def card(account, name):
    """(points, contacts, e-mail of who is in charge, who pays) of the customer of this name."""
    with scope(account.pk):
        customer = Customer.objects.select_related("owner").get(name=name)
        points = sorted(ContactPoint.objects.filter(customer=customer).values_list("kind", "value", "label"))
        contacts = list(Contact.objects.filter(customer=customer, other=None).order_by("id"))
        payer = Contact.objects.filter(customer=customer, is_payer=True).select_related("other").first()
        return (
            points,
            [(c.name, c.role, c.email, c.phone) for c in contacts],
            customer.owner.email if customer.owner else "",
            payer and (payer.other.name if payer.other else payer.name),
        )


SHEET = (
    "code,name,e-mail,further e-mails,phone,phone 2,further phones,contact 1: name,contact 1: role,contact 1: e-mail,"
    "contact 1: phone,contact 2: name,in charge (e-mail),payer (code or document)\n"
    "A1,Maria,maria@example.com,m2@example.com (trabalho); m3@example.com,(11) 98765-4321,(11) 3333-4444,"
    "(11) 3333-4444; +1 202 555 0123,Pedro,pai,pedro@example.com,(11) 91234-5678,Paula,{ana},A2\n"
    "A2,Ana,,,,,,,,,,,,\n"
)
MARIA = (
    [
        ("email", "m2@example.com", "trabalho"),
        ("email", "m3@example.com", ""),
        ("phone", "+12025550123", ""),
        ("phone", "+551133334444", ""),
    ],
    [("Pedro", "pai", "pedro@example.com", "+5511912345678"), ("Paula", "", "", "")],
    "{ana}",
    "Ana",
)


def test_a_line_brings_the_whole_card(cast, importer):
    """S1-02: also who pays where the payer stands on a later line; found by all of it; again it is unchanged."""
    sheet = SHEET.format(ana=cast.ana.email)
    assert importer(cast.aurora, "customers", sheet).counts == (2, 0, 0, 0)
    assert card(cast.aurora, "Maria") == (*MARIA[:2], cast.ana.email, "Ana")
    assert card(cast.aurora, "Ana") == ([], [], "", None)
    with scope(cast.aurora.pk):
        for word in ("m3@example", "pedro@ex", "11912345678", "Paula", "2025550123"):
            assert [hit.title for hit in best_hits(word, 5)] == ["Maria"], word
    assert list(verify_account(cast.aurora)) == []
    assert importer(cast.aurora, "customers", sheet).counts == (0, 0, 2, 0)
    assert importer(cast.boreal, "customers", "code,name\nA1,Maria\n").counts == (1, 0, 0, 0)
    assert card(cast.boreal, "Maria") == ([], [], "", None)


def test_a_file_fills_and_never_takes_away(cast, importer, make_customer):
    """Decision 12: what the line does not name stays; a contact of the same name gets what is new about it."""
    maria = make_customer(cast.aurora, "Maria", code="A1", email="maria@example.com")
    with scope(cast.aurora.pk):
        add(PARTS["points"], maria, kind="phone", value="+551133334444", label="casa", by=None, now=NOW)
        add(PARTS["contacts"], maria, name="Pedro", email="old@example.com", by=None, now=NOW)
        add(PARTS["contacts"], maria, name="Rita", is_payer=True, by=None, now=NOW)
    make_customer(cast.aurora, "Ana", code="A2")
    sheet = SHEET.format(ana=cast.ana.email)
    assert importer(cast.aurora, "customers", sheet).counts == (0, 1, 1, 0)
    points, contacts, owner, payer = card(cast.aurora, "Maria")
    assert ("phone", "+551133334444", "casa") in points
    assert contacts == [
        ("Pedro", "pai", "pedro@example.com", "+5511912345678"),
        ("Rita", "", "", ""),
        ("Paula", "", "", ""),
    ]
    assert (owner, payer) == (cast.ana.email, "Ana")
    with scope(cast.aurora.pk):
        told = Event.objects.get(kind="customer.updated_by_import")
        assert set(told.what["fields"]) == {"phone", "more_emails", "more_phones", "contacts", "owner", "payer"}
        assert told.personal["new"]["payer"] == "Ana"
    page = cast.client(cast.ana).get(f"/aurora/customers/{maria.pk}/tab/history/").content.decode()
    for text in ("m3@example.com", "Pedro · pai", "old@example.com"):
        assert text in page
    assert importer(cast.aurora, "customers", sheet).counts == (0, 0, 2, 0)
    assert list(verify_account(cast.aurora)) == []


@pytest.mark.parametrize(
    ("header", "cell", "says"),
    [
        ("further e-mails", "a@example.com; nobody", "further e-mails: "),
        ("phone 2", "12", "phone 2: "),
        ("contact 1: e-mail", "nobody", "contact 1: e-mail: "),
        ("in charge (e-mail)", "dora@example.com", "in charge (e-mail): nobody of this business"),
        ("payer (code or document)", "A9", "payer (code or document): there is no customer"),
        ("payer (code or document)", CPF, "payer (code or document): several customers have the document"),
    ],
)
def test_what_is_wrong_is_told_on_its_line_with_its_column(cast, importer, make_customer, header, cell, says):
    """A1, A5: the other lines come; the reason names the column."""
    for name in ("Rita", "Rosa"):
        make_customer(cast.aurora, name, document_kind="cpf", document="52998224725")
    report = importer(cast.aurora, "customers", f"code,name,{header}\nA1,Maria,{cell}\nA2,Ana,\n")
    assert report.counts == (1, 0, 0, 1)
    assert report.refused[2].startswith(says), report.refused


def test_two_contacts_of_one_name_are_not_guessed(cast, importer, make_customer):
    maria = make_customer(cast.aurora, "Maria", code="A1")
    with scope(cast.aurora.pk):
        for phone in ("+5511911111111", "+5511922222222"):
            add(PARTS["contacts"], maria, name="Ana", phone=phone, by=None, now=NOW)
    head = "code,contact 1: name,contact 1: phone\n"
    assert importer(cast.aurora, "customers", head + "A1,ana,11 92222-2222\n").counts == (0, 0, 1, 0)
    report = importer(cast.aurora, "customers", head + "A1,Ana,11 93333-3333\n")
    assert "Several contacts of this customer are called “Ana”" in report.refused[2]


def test_who_pays(cast, importer, make_customer):
    """Decision 3: by code, #number, document, a contact's name; a payer whose own line is refused does not come."""
    maria = make_customer(cast.aurora, "Maria", code="A1")
    ana = make_customer(cast.aurora, "Ana", document_kind="cpf", document="52998224725")
    head = "code,name,payer (code or document)\n"
    for cell, payer in ((CPF, "Ana"), (f"#{ana.number}", "Ana"), ("A1", None)):
        importer(cast.aurora, "customers", f"{head}A1,Maria,{cell}\n")
        assert card(cast.aurora, "Maria")[3] == payer, cell
    with scope(cast.aurora.pk):
        add(PARTS["contacts"], maria, name="Rita", by=None, now=NOW)
    importer(cast.aurora, "customers", f"{head}A1,Maria,rita\n")
    assert card(cast.aurora, "Maria")[3] == "Rita"
    report = importer(cast.aurora, "customers", f"{head}B1,Bia,B2\nB2,Caio,B3\nB3,Dani,B9\nB4,Eva,A1\n")
    assert (report.counts, sorted(report.refused)) == ((1, 0, 0, 3), [2, 3, 4])
    assert card(cast.aurora, "Eva")[3] == "Maria"


def test_no_more_than_a_card_holds(cast, importer, make_customer):
    maria = make_customer(cast.aurora, "Maria", code="A1")
    with scope(cast.aurora.pk):
        for nth in range(49):
            add(PARTS["points"], maria, kind="email", value=f"m{nth}@example.com", by=None, now=NOW)
    head = "code,further e-mails\n"
    report = importer(cast.aurora, "customers", head + "A1,a@example.com; b@example.com\n")
    assert "at most 50" in report.refused[2]
    assert importer(cast.aurora, "customers", head + "A1,a@example.com\n").counts == (0, 1, 0, 0)


def test_an_old_file_does_not_bring_back_who_was_anonymised(cast, importer, make_customer):
    """P1: neither by the columns of the customer nor by the others."""
    gone = make_customer(cast.aurora, "Maria")
    with scope(cast.aurora.pk):
        Customer.objects.filter(pk=gone.pk).update(anonymised_on=NOW.date())
    for header, cell in (("city", "Recife"), ("phone 2", "11 3333-4444")):
        report = importer(cast.aurora, "customers", f"carteira id,name,{header}\n{gone.pk},Maria,{cell}\n")
        assert "anonymised" in report.refused[2]
    assert importer(cast.aurora, "customers", f"carteira id,name\n{gone.pk},Maria\n").counts == (0, 0, 1, 0)
