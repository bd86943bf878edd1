"""Changing the type of a field that says something of many: set-based, in a job, all or nothing (S1-11)."""

import pytest
import time_machine

from carteira.core.walls import scope
from carteira.customers import verify
from carteira.customers.fields import convert, convert_many, jobs, values
from carteira.customers.fields.convert import change_kind, preview
from carteira.customers.fields.define import CannotDefine, add_field, change_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import Field, FieldChange, FieldValue, Kind
from carteira.customers.models import Customer
from carteira.customers.search import best_hits
from conftest import NOW

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def few(monkeypatch):
    """Three are many."""
    monkeypatch.setattr(convert_many, "AT_ONCE", 2)
    monkeypatch.setattr(convert_many, "_PIECE", 2)
    monkeypatch.setattr(convert, "_PIECE", 2)


def made(cast, label, kind, texts, make_customer, **more):
    """A field that says these texts of Ana 0, Ana 1, …"""
    with scope(cast.aurora.pk):
        field = add_field(label=label, kind=kind, by=cast.ana, now=NOW, **more)
    there = dict(enumerate(texts))
    for nth in there:
        name = f"Ana {nth}"
        with scope(cast.aurora.pk):
            known = Customer.objects.filter(name=name).first()
        say(cast, known or make_customer(cast.aurora, name), field, there[nth])
    return field


def say(cast, customer, field, typed):
    with scope(cast.aurora.pk):
        field = Field.objects.get(pk=field.pk)
        reading = values.Reading(cast.aurora, NOW, "pt-br")
        fill(customer, field, values.clean(field, typed, reading), reading=reading, by=cast.ana, now=NOW)


def rows(cast, field):
    with scope(cast.aurora.pk):
        assert list(verify.search_more()) == []
        found = FieldValue.objects.filter(field=field).order_by("customer__number", "option")
        return list(found.values_list("customer__name", "said", "number", "fits"))


def begun(cast, field, kind):
    with scope(cast.aurora.pk):
        return convert_many.begin(field, kind, account=cast.aurora, by=cast.ana, now=NOW)


def worked(cast, change):
    jobs.change_kind(cast.aurora.pk, change_id=str(change.pk))
    with scope(cast.aurora.pk):
        return FieldChange.objects.get(pk=change.pk)


def test_few_are_changed_at_once_and_many_in_a_job(cast, few, make_customer):
    """S1-11: the job does what changing at once does; what it is asked twice is done once."""
    field = made(cast, "Nota", Kind.TEXT, ["7,5", "8"], make_customer)
    assert begun(cast, field, Kind.NUMBER) is None
    assert rows(cast, field) == [("Ana 0", "7.5", 75000, True), ("Ana 1", "8", 80000, True)]
    many = made(cast, "Peso", Kind.TEXT, ["7,5", "dez", "8"], make_customer)
    change = begun(cast, many, Kind.NUMBER)
    assert (change.state, change.total, change.done) == ("running", 3, 0)
    assert rows(cast, many) == [("Ana 0", "7,5", None, True), ("Ana 1", "dez", None, True), ("Ana 2", "8", None, True)]
    with pytest.raises(CannotDefine, match="becoming another type already"):
        begun(cast, many, Kind.DATE)
    change = worked(cast, change)
    assert (change.state, change.done, change.fits, change.stays) == ("done", 3, 2, 1)
    after = [("Ana 0", "7.5", 75000, True), ("Ana 1", "dez", None, False), ("Ana 2", "8", 80000, True)]
    assert rows(cast, many) == after
    assert worked(cast, change).state == "done"
    assert rows(cast, many) == after


def test_what_is_said_while_it_is_read_is_read_again(cast, few, make_customer, monkeypatch):
    """Somebody fills in, empties, and renames a choice between reading and writing: nothing is lost."""
    field = made(cast, "Turno", Kind.TEXT, ["Manhã", "Tarde", "Noite"], make_customer)
    change = begun(cast, field, Kind.CHOICE)
    with scope(cast.aurora.pk):
        people = {customer.name: customer for customer in Customer.objects.all()}
    new = make_customer(cast.aurora, "Bia")
    pieces = convert_many._pieces

    def slow():
        yield from pieces()
        say(cast, people["Ana 0"], field, "Tarde")
        say(cast, people["Ana 1"], field, "")
        say(cast, new, field, "Cedo")

    monkeypatch.setattr(convert_many, "_pieces", slow)
    assert worked(cast, change).state == "done"
    found = [(name, said, fits) for name, said, _number, fits in rows(cast, field)]
    assert found == [("Ana 0", "Tarde", True), ("Ana 2", "Noite", True), ("Bia", "Cedo", True)]
    with scope(cast.aurora.pk):
        field.refresh_from_db()
        assert {option["label"] for option in field.options} == {"Tarde", "Noite", "Cedo"}


def test_several_choices_and_what_is_different_for_everybody(cast, few, make_customer):
    """To and from several rows a customer; a field stays different for everybody where its values do."""
    field = made(cast, "Dias", Kind.CHOICES, ["Seg", "Seg, Ter", "Ter"], make_customer, options=["Seg", "Ter"])
    before = rows(cast, field)
    worked(cast, begun(cast, field, Kind.TEXT))
    assert [row[1] for row in rows(cast, field)] == ["Seg", "Seg, Ter", "Ter"]
    worked(cast, begun(cast, field, Kind.CHOICES))
    assert sorted(rows(cast, field)) == sorted(before)
    badge = made(cast, "Crachá", Kind.TEXT, ["1", "1,0", "x"], make_customer, unique=True)
    worked(cast, begun(cast, badge, Kind.NUMBER))
    with scope(cast.aurora.pk):
        badge.refresh_from_db()
        assert not badge.unique
        assert not FieldValue.objects.filter(field=badge, alone=True).exists()
    code = made(cast, "Código", Kind.TEXT, ["1", "2", "3"], make_customer, unique=True)
    worked(cast, begun(cast, code, Kind.NUMBER))
    with scope(cast.aurora.pk):
        code.refresh_from_db()
        assert code.unique
        assert FieldValue.objects.filter(field=code, alone=True).count() == 3


def test_the_search_follows_whatever_it_becomes(cast, few, make_customer):
    """A phone is found with and without its punctuation, also where it was a text before."""
    field = made(cast, "Celular", Kind.TEXT, ["(11) 98765-4321", "(11) 98765-4322", "nenhum"], make_customer)
    worked(cast, begun(cast, field, Kind.PHONE))
    with scope(cast.aurora.pk):
        assert [str(hit.title) for hit in best_hits("11987654322", 5)] == ["Ana 1"]
        assert [str(hit.title) for hit in best_hits("nenhum", 5)] == ["Ana 2"]
    worked(cast, begun(cast, field, Kind.MONEY))
    rows(cast, field)
    with scope(cast.aurora.pk):
        assert best_hits("11987654322", 5) == []


def test_our_own_mistake_is_told_and_can_be_tried_again(cast, few, make_customer, monkeypatch):
    field = made(cast, "Nota", Kind.TEXT, ["1", "2", "3"], make_customer)
    change = begun(cast, field, Kind.NUMBER)
    with monkeypatch.context() as broken:
        broken.setattr(convert_many, "converted", lambda *arguments: 1 // 0)
        worked(cast, change)
    with scope(cast.aurora.pk):
        change.refresh_from_db()
    assert (change.state, change.error) == ("failed", "Something went wrong on our side. The field is as it was.")
    page = cast.client(cast.ana).get(f"/aurora/customers/fields/{field.pk}/type/").content.decode()
    assert "The field is as it was." in page
    again = begun(cast, field, Kind.NUMBER)
    assert worked(cast, again).fits == 3


def test_statements_do_not_grow_with_the_values(cast, make_customer, django_assert_max_num_queries):
    """Set-based: three and sixty ask as much."""

    def ask(label, count):
        field = made(cast, label, Kind.TEXT, [str(nth) for nth in range(count)], make_customer)
        with scope(cast.aurora.pk), django_assert_max_num_queries(60) as asked:
            change_kind(field, Kind.NUMBER, account=cast.aurora, by=cast.ana, now=NOW)
        return len(asked)

    assert ask("a", 60) <= ask("b", 3)


def test_a_preview_looks_at_so_many(cast, make_customer, monkeypatch):
    field = made(cast, "Nota", Kind.TEXT, ["1", "x", "3"], make_customer)
    with scope(cast.aurora.pk):
        outcome = preview(field, Kind.NUMBER, account=cast.aurora, now=NOW)
        assert (outcome.fits, outcome.stays, outcome.whole) == (2, 1, True)
        monkeypatch.setattr(convert, "LOOKED_AT", 2)
        outcome = preview(field, Kind.NUMBER, account=cast.aurora, now=NOW)
        assert (outcome.fits, outcome.stays, outcome.whole) == (1, 1, False)
    page = cast.client(cast.ana).get(f"/aurora/customers/fields/{field.pk}/type/?kind=number").content.decode()
    assert "Of the first 2.000 customers" in page, page[page.index("<main") :][:3000]


def test_how_far_it_is_is_told_on_its_page(cast, few, make_customer):
    """The page shows the bar while it runs, then what came of it; the list of fields tells too."""
    field = made(cast, "Nota", Kind.TEXT, ["1", "x", "3"], make_customer)
    ana, here = cast.client(cast.ana), f"/aurora/customers/fields/{field.pk}/type/"
    assert ana.post(here, {"kind": "number"}).headers["Location"] == here
    page = ana.get(here).content.decode()
    assert 'id="kind-progress"' in page
    assert "<select" not in page.partition("<main")[2]
    assert "Changing the type" in ana.get("/aurora/customers/fields/").content.decode()
    bar = ana.get(here, headers=HTMX).content.decode()
    assert 'id="kind-progress"' in bar
    assert "<html" not in bar
    with scope(cast.aurora.pk):
        change = FieldChange.objects.get()
    worked(cast, change)
    assert ana.get(here, headers=HTMX).headers["HX-Refresh"] == "true"
    page = ana.get(here).content.decode()
    assert "2 converted, 1 kept as they were" in page
    assert 'id="kind-progress"' not in page
    assert cast.client(cast.dora).get(here.replace("aurora", "boreal")).status_code == 404


def test_a_choice_renamed_while_it_is_read_has_its_new_name(cast, few, make_customer, monkeypatch):
    field = made(cast, "Turno", Kind.CHOICE, ["Manhã", "Tarde", "Tarde"], make_customer, options=["Manhã", "Tarde"])
    change = begun(cast, field, Kind.CHOICES)
    pieces = convert_many._pieces

    def slow():
        yield from pieces()
        with scope(cast.aurora.pk):
            now = Field.objects.get(pk=field.pk)
            change_field(now, renamed={now.options[1]["id"]: "À tarde"}, by=cast.ana, now=NOW)

    monkeypatch.setattr(convert_many, "_pieces", slow)
    assert worked(cast, change).state == "done"
    assert [row[1] for row in rows(cast, field)] == ["Manhã", "À tarde", "À tarde"]
