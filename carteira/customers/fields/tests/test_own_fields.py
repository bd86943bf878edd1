"""Fields of a business's own: defined once, filled in on every card (S1-08 to S1-14)."""

import re

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils.html import escape

from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.customers import verify
from carteira.customers.edit import CannotEdit
from carteira.customers.fields import queries, values
from carteira.customers.fields.convert import change_kind, preview
from carteira.customers.fields.define import (
    CannotDefine,
    add_field,
    change_field,
    order_fields,
    remove_field,
    restore_field,
)
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import Field, FieldValue, Kind, Place
from carteira.customers.search import best_hits
from conftest import NOW

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def maria(cast, make_customer):
    return make_customer(cast.aurora, "Maria Silva")


def made(cast, label, kind=Kind.TEXT, **more):
    with scope(cast.aurora.pk):
        return add_field(label=label, kind=kind, by=cast.ana, now=NOW, **more)


def said(cast, customer, field, typed):
    """Filled in by a verb; gives what is then shown."""
    with scope(cast.aurora.pk):
        field = Field.objects.get(pk=field.pk)
        reading = values.Reading(cast.aurora, NOW, "pt-br")
        rows = fill(customer, field, values.clean(field, typed, reading), reading=reading, by=cast.ana, now=NOW)
        return values.shown(field, rows, reading)


def shown(cast, customer, field):
    with scope(cast.aurora.pk):
        field = Field.objects.get(pk=field.pk)
        rows = queries.said_of(customer.pk).get(field.pk, [])
        return values.shown(field, rows, values.Reading(cast.aurora, NOW, "pt-br"))


def send(cast, customer, field, was, value, user=None, **more):
    url = f"/aurora/customers/{customer.pk}/own/{field.pk}/"
    return cast.client(user or cast.ana).post(url, {"was": was, "value": value}, headers=HTMX, **more)


@pytest.mark.parametrize(
    ("kind", "typed", "kept", "number", "read"),
    [
        (Kind.TEXT, " Turma  B ", "Turma B", None, "Turma B"),
        (Kind.LONG, "uma\nduas ", "uma\nduas", None, "uma\nduas"),
        (Kind.NUMBER, "1234,5", "1234.5", 12345000, "1.234,5"),
        (Kind.NUMBER, "50%", "50", 500000, "50"),
        (Kind.NUMBER, "-0,1234", "-0.1234", -1234, "-0,1234"),
        (Kind.MONEY, "1.234,50", "1234.50", 123450, "R$\xa01.234,50"),
        (Kind.DATE, "02/05/1990", "1990-05-02", None, "02/05/1990"),
        (Kind.EMAIL, "Mae@Example.com", "mae@example.com", None, "mae@example.com"),
        (Kind.PHONE, "11 98765-4321", "+5511987654321", None, "(11) 98765-4321"),
        (Kind.URL, "instagram.com/aurora", "https://instagram.com/aurora", None, "https://instagram.com/aurora"),
        (Kind.YES_NO, "Sim", "1", 1, "Sim"),
        (Kind.YES_NO, "0", "0", 0, "Não"),
        (Kind.DOCUMENT, "529.982.247-25", "cpf:52998224725", None, "529.982.247-25"),
        (Kind.ADDRESS, "Rua das Acácias, 10, Campinas", "Rua das Acácias, 10, Campinas", None, None),
    ],
)
def test_each_kind_is_validated_and_stored_in_a_typed_column(cast, maria, kind, typed, kept, number, read):
    """S1-11: the kind says what may be written, how it is compared and how it is shown."""
    from django.utils import translation

    field = made(cast, "Campo", kind)
    with translation.override("pt-br"):
        assert said(cast, maria, field, typed) == (read or kept)
        with scope(cast.aurora.pk):
            row = FieldValue.objects.get()
            assert (row.said, row.number) == (kept, number)
            reading = values.Reading(cast.aurora, NOW, "pt-br")
            again = values.clean(field, values.written(field, [row], reading), reading)
    assert [(one.said, one.number, one.on) for one in again] == [(row.said, row.number, row.on)]


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (Kind.NUMBER, "muitos"),
        (Kind.NUMBER, "1.234"),
        (Kind.NUMBER, "0,12345"),
        (Kind.MONEY, "dez"),
        (Kind.DATE, "31/02/2026"),
        (Kind.EMAIL, "mae@"),
        (Kind.PHONE, "123"),
        (Kind.URL, "não sei"),
        (Kind.YES_NO, "talvez"),
        (Kind.DOCUMENT, "123.456.789-00"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(cast, maria, kind, typed):
    """S1-11: the field keeps what was typed and says why it cannot be."""
    field = made(cast, "Campo", kind)
    answer = send(cast, maria, field, "", typed)
    assert answer.status_code == 422
    item = answer.context["item"]
    assert (item.typed, bool(item.error), item.shown) == (typed, True, "")
    assert shown(cast, maria, field) == ""


def test_a_value_saves_where_it_stands_and_is_told_in_the_history(cast, maria):
    """S1-07, S1-09: typed, saved, and the history says from what to what."""
    field = made(cast, "Telefone da avó", Kind.PHONE)
    assert send(cast, maria, field, "", "11 98765-4321").status_code == 200
    answer = send(cast, maria, field, "(11) 98765-4321", "")
    assert (answer.status_code, answer.context["item"].saved) == (200, True)
    with scope(cast.aurora.pk):
        event = Event.objects.filter(customer_id=maria.pk).order_by("-id").first()
        assert event.kind == "customer.edited"
        assert event.personal == {"old": {field.name: "(11) 98765-4321"}, "new": {field.name: ""}}
        assert event.what["labels"] == {field.name: "Telefone da avó"}
    page = cast.client(cast.ana).get(f"/aurora/customers/{maria.pk}/tab/history/").content.decode()
    assert "Telefone da avó" in page
    assert "(11) 98765-4321" in page
    assert field.name not in page


def test_somebody_elses_change_is_asked_about(cast, maria):
    """Decision 13: nothing is written over what was changed since it was shown."""
    field = made(cast, "Turma")
    said(cast, maria, field, "Turma A")
    answer = send(cast, maria, field, "", "Turma B")
    assert answer.status_code == 409
    assert answer.context["item"].changed_by == str(cast.ana)
    assert shown(cast, maria, field) == "Turma A"
    assert send(cast, maria, field, "Turma A", "Turma B").status_code == 200


def test_choices_are_boxes_and_a_list(cast, maria):
    """S1-11: one choice replaces the other, of several choices any may be ticked."""
    one = made(cast, "Turno", Kind.CHOICE, options=["Manhã", "Tarde"])
    many = made(cast, "Aulas", Kind.CHOICES, options=["Inglês", "Dança, ritmo", "Futebol"])
    morning, afternoon = (option["id"] for option in one.options)
    assert send(cast, maria, one, "", morning).status_code == 200
    assert send(cast, maria, one, morning, afternoon).status_code == 200
    assert shown(cast, maria, one) == "Tarde"
    english, _dance, football = (option["id"] for option in many.options)
    answer = send(cast, maria, many, "", [football, english])
    assert answer.context["item"].shown == f"{english},{football}"
    assert f'value="{football}" checked' in answer.content.decode()
    assert shown(cast, maria, many) == "Inglês, Futebol"
    assert said(cast, maria, many, "Dança, ritmo") == "Dança, ritmo"
    assert said(cast, maria, many, "futebol; INGLES") == "Inglês, Futebol"
    assert send(cast, maria, many, f"{english},{football}", []).status_code == 200
    assert shown(cast, maria, many) == ""
    with scope(cast.aurora.pk), pytest.raises(ValidationError):
        values.clean(one, "Noite", values.Reading(cast.aurora, NOW))


def test_renaming_keeps_the_data(cast, maria):
    """S1-10: a label, and the label of a choice, are only names."""
    field = made(cast, "Turno", Kind.CHOICE, options=["Manha", "Tarde"])
    said(cast, maria, field, "manha")
    with scope(cast.aurora.pk):
        id = field.options[0]["id"]
        change_field(field, label="Período", renamed={id: "Manhã"}, options=["Noite"], by=cast.ana, now=NOW)
        row = FieldValue.objects.get()
        assert (row.said, row.text, row.option) == ("Manhã", "manha", id)
        field.refresh_from_db()
        assert (field.label, [one["label"] for one in field.options]) == ("Período", ["Manhã", "Tarde", "Noite"])
        change_field(field, renamed={id: ""}, by=cast.ana, now=NOW)
        field.refresh_from_db()
        assert [one["label"] for one in field.living_options] == ["Tarde", "Noite"]
    assert shown(cast, maria, field) == "Manhã"


def test_removed_fields_stay_readable_and_come_back(cast, maria):
    """S1-08: taking a field off the card loses nothing; the undo and the page of the fields bring it back."""
    field = made(cast, "Turma")
    said(cast, maria, field, "Turma A")
    client = cast.client(cast.ana)
    client.post(f"/aurora/customers/fields/{field.pk}/remove/")
    page = client.get(f"/aurora/customers/{maria.pk}/tab/info/")
    assert page.context["tab"]["own"]["removed"] == [{"label": "Turma", "text": "Turma A"}]
    assert page.context["tab"]["own"]["sections"] == []
    assert "Turma" in client.get("/aurora/customers/fields/").content.decode()
    with scope(cast.aurora.pk), pytest.raises(CannotEdit):
        fill(maria, field, [], reading=values.Reading(cast.aurora, NOW), by=None, now=NOW)
    made(cast, "turma")
    with scope(cast.aurora.pk), pytest.raises(CannotDefine):
        restore_field(field, by=cast.ana, now=NOW)
    with scope(cast.aurora.pk):
        remove_field(Field.objects.get(removed_at=None), by=cast.ana, now=NOW)
    client.post(f"/aurora/customers/fields/{field.pk}/restore/")
    [section] = client.get(f"/aurora/customers/{maria.pk}/tab/info/").context["tab"]["own"]["sections"]
    assert [(item.label, item.shown) for item in section["fields"]] == [("Turma", "Turma A")]


def test_changing_the_kind_shows_what_converts_and_loses_nothing(cast, make_customer):
    """S1-11: what cannot be read as the new kind stays as it was said, and is that again when changed back."""
    field = made(cast, "Bolsa")
    typed = {"Ana": "50%", "Beto": "metade", "Caio": "12,5", "Dora": "1,0", "Eva": "Metade"}
    people = {name: make_customer(cast.aurora, name) for name in typed}
    for name, text in typed.items():
        said(cast, people[name], field, text)
    with scope(cast.aurora.pk):
        outcome = preview(field, Kind.NUMBER, account=cast.aurora, now=NOW)
        assert (outcome.fits, outcome.stays, outcome.examples) == (3, 2, ["metade", "Metade"])
        assert FieldValue.objects.filter(number=None).count() == 5
        done = change_kind(field, Kind.NUMBER, account=cast.aurora, by=cast.ana, now=NOW)
        assert (done.fits, done.stays) == (3, 2)
        assert sorted(FieldValue.objects.filter(fits=True).values_list("number", flat=True)) == [10000, 125000, 500000]
    assert shown(cast, people["Beto"], field) == "metade"
    page = cast.client(cast.ana).get(f"/aurora/customers/{people['Beto'].pk}/tab/info/").content.decode()
    assert 'value="metade"' in page
    with scope(cast.aurora.pk):
        field.refresh_from_db()
        change_kind(field, Kind.TEXT, account=cast.aurora, by=cast.ana, now=NOW)
        field.refresh_from_db()
    assert [shown(cast, people[name], field) for name in typed] == ["50", "metade", "12,5", "1", "Metade"]
    with scope(cast.aurora.pk):
        change_kind(field, Kind.CHOICE, account=cast.aurora, by=cast.ana, now=NOW)
        field.refresh_from_db()
        assert sorted(one["label"] for one in field.options) == ["1", "12,5", "50", "metade"]
        assert FieldValue.objects.filter(option="").count() == 0
        assert list(verify.search_more()) == []


def test_the_same_value_twice_is_refused_by_name(cast, maria, make_customer):
    """S1-10: a field that is different for every customer says who has the value already."""
    field = made(cast, "Matrícula", unique=True)
    said(cast, maria, field, "2026-7")
    beto = make_customer(cast.aurora, "Beto")
    answer = send(cast, beto, field, "", " 2026-7")
    assert answer.status_code == 422
    assert "Maria Silva" in answer.context["item"].error
    assert said(cast, maria, field, "2026-8") == "2026-8"
    assert send(cast, beto, field, "", "2026-7").status_code == 200
    other = made(cast, "Sala")
    said(cast, maria, other, "1")
    said(cast, beto, other, "1")
    with scope(cast.aurora.pk), pytest.raises(CannotDefine):
        change_field(other, unique=True, by=cast.ana, now=NOW)


def test_required_fields_are_shown_as_missing(cast, maria):
    """S1-08: what is required and not there is said on the card; the card can be used all the same."""
    field = made(cast, "Tamanho da camiseta", required=True, section="Uniforme", help_text="P, M ou G")
    client = cast.client(cast.ana)
    page = client.get(f"/aurora/customers/{maria.pk}/tab/info/")
    assert page.context["tab"]["own"]["missing"] == ["Tamanho da camiseta"]
    assert "Uniforme" in page.content.decode()
    said(cast, maria, field, "M")
    assert client.get(f"/aurora/customers/{maria.pk}/tab/info/").context["tab"]["own"]["missing"] == []


def test_fields_are_put_in_order_and_asked_where_it_is_said(cast):
    """S1-12, S1-13, S1-14: the address may be asked on the scheduling form only."""
    first, second, third = made(cast, "A"), made(cast, "B", Kind.ADDRESS, asked_in=["scheduling"]), made(cast, "C")
    with scope(cast.aurora.pk):
        order_fields([third.pk, first.pk, maria_id()], by=cast.ana, now=NOW)
        assert [field.label for field in queries.living()] == ["C", "A", "B"]
        order_fields([third.pk, first.pk], by=cast.ana, now=NOW)
        assert [event.by for event in Event.objects.filter(kind="own_field.ordered")] == [cast.ana]
        assert queries.asked_in(Place.SCHEDULING) == [second]
        assert queries.asked_in(Place.CONTACT) == []


@pytest.mark.parametrize("place", Place.values)
def test_where_it_is_asked_is_changed_and_read_place_by_place(cast, place):
    """S1-12, S1-13: each place on its own, on the page of the field; with "ask again", and taken away again; a removed
    field is asked nowhere."""
    field, other = made(cast, "Turma"), made(cast, "Sala", asked_in=[one for one in Place.values if one != place])
    client, here = cast.client(cast.ana), f"/aurora/customers/fields/{field.pk}/"
    assert client.post(here, {"label": "Turma", "asked_in": [place], "keep_asking": "on"}).status_code == 302
    page = client.get(here).content.decode()
    box = re.search(rf'<input[^>]*value="{place}"[^>]*>', page)[0]
    assert "checked" in box
    assert "checked" in re.search(r'<input[^>]*name="keep_asking"[^>]*>', page)[0]
    with scope(cast.aurora.pk):
        assert Field.objects.get(pk=field.pk).keep_asking
        asked = {one: [found.label for found in queries.asked_in(one)] for one in Place.values}
    assert asked == {one: ["Turma"] if one == place else ["Sala"] for one in Place.values}
    assert str(escape(str(Place(place).label))) in client.get("/aurora/customers/fields/").content.decode()
    client.post(here, {"label": "Turma"})
    with scope(cast.aurora.pk):
        assert not Field.objects.get(pk=field.pk).keep_asking
        assert queries.asked_in(place) == []
        remove_field(other, by=cast.ana, now=NOW)
        assert [queries.asked_in(one) for one in Place.values] == [[]] * len(Place.values)
    assert client.post(here, {"label": "Turma", "asked_in": ["elsewhere"]}).status_code == 422


def maria_id():
    from uuid import uuid4

    return uuid4()


def test_fields_are_defined_on_a_page_reached_from_the_card(cast, maria):
    """S1-08: "Add/Edit fields" at the top of the tab Info; only for whoever may change the business's settings."""
    client = cast.client(cast.ana)
    assert "/aurora/customers/fields/" in client.get(f"/aurora/customers/{maria.pk}/tab/info/").content.decode()
    body = {"label": "Turno", "kind": "choice", "options": "Manhã\nTarde\nmanhã", "asked_in": ["contact", "portal"]}
    assert client.post("/aurora/customers/fields/new/", {**body, "options": ""}).status_code == 422
    # A choice written twice is one.
    assert client.post("/aurora/customers/fields/new/", body).status_code == 302
    with scope(cast.aurora.pk):
        field = Field.objects.get()
        assert field.asked_in == ["contact", "portal"]
    assert client.post("/aurora/customers/fields/new/", body).status_code == 422
    edited = {"label": "Período", f"option-{field.options[0]['id']}": "De manhã", "options": "Noite"}
    edited[f"option-{field.options[1]['id']}"] = ""
    assert client.post(f"/aurora/customers/fields/{field.pk}/", edited).status_code == 302
    with scope(cast.aurora.pk):
        field.refresh_from_db()
        assert [one["label"] for one in field.living_options] == ["De manhã", "Noite"]
    said(cast, maria, field, "De manhã")
    other = made(cast, "Escola anterior", required=True, keep_asking=True)
    assert client.post("/aurora/customers/fields/order/", {"field": [other.pk, field.pk, "x"]}).status_code == 302
    page = client.get(f"/aurora/customers/fields/{field.pk}/type/?kind=text")
    assert (page.context["outcome"].fits, page.context["outcome"].stays) == (1, 0)
    assert client.post(f"/aurora/customers/fields/{field.pk}/type/", {"kind": "text"}).status_code == 302
    with scope(cast.aurora.pk):
        fields = [(one.label, one.kind, one.keep_asking) for one in queries.living()]
    assert fields == [("Escola anterior", "text", True), ("Período", "text", False)]
    assert shown(cast, maria, field) == "De manhã"
    log = client.get("/aurora/settings/log/?show=changes").content.decode()
    assert "Field “Turno” added to the card." in log
    assert "The fields of the card were put in another order." in log


def test_a_reader_sees_documents_with_holes_and_changes_nothing(cast, maria):
    """S1-09: whoever may only see customers reads the values; documents and their history are hidden."""
    field = made(cast, "CPF da mãe", Kind.DOCUMENT)
    said(cast, maria, field, "529.982.247-25")
    client = cast.client(cast.caio)
    page = client.get(f"/aurora/customers/{maria.pk}/tab/info/").content.decode()
    assert "982.247" in page
    assert "529.982" not in page
    assert "/aurora/customers/fields/" not in page
    assert "529.982" not in client.get(f"/aurora/customers/{maria.pk}/tab/history/").content.decode()
    assert send(cast, maria, field, "", "", user=cast.caio).status_code == 403


def test_the_search_finds_by_what_own_fields_say(cast, maria):
    """S2-19: text of own fields, also after its type changed."""
    field = made(cast, "Apelido")
    said(cast, maria, field, "Mariazinha")
    with scope(cast.aurora.pk):
        assert [hit.title for hit in best_hits("riazin", 5)] == ["Maria Silva"]
        change_kind(field, Kind.CHOICE, account=cast.aurora, by=cast.ana, now=NOW)
        assert best_hits("riazin", 5) == []
        assert [*verify.search_more(), *verify.search_entries()] == []


def test_fields_of_two_accounts_know_nothing_of_each_other(cast, maria, make_customer):
    """W: the same label in both; neither's address reaches the other's."""
    field = made(cast, "Turma")
    said(cast, maria, field, "Turma A")
    with scope(cast.boreal.pk):
        add_field(label="Turma", kind="text", by=None, now=NOW)
        assert queries.said_of(maria.pk) == {}
        assert len(queries.living()) == 1
    assert cast.client(cast.dora).get(f"/boreal/customers/fields/{field.pk}/").status_code == 404


def test_the_card_asks_two_queries_for_any_number_of_fields(cast, maria, django_assert_max_num_queries):
    """Budget: the tab keeps to its queries with one field and with many."""
    client = cast.client(cast.ana)
    url = f"/aurora/customers/{maria.pk}/tab/info/"
    counts = []
    for nth in range(3):
        made(cast, f"Campo {nth}")
        client.get(url)
        with django_assert_max_num_queries(30) as asked:
            client.get(url)
        counts.append(len(asked))
    assert len(set(counts)) == 1
