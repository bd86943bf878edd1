"""Rules of groups that ask about a business's own fields."""

import pytest
import time_machine

from carteira.core.sheets.undo import start_undo, undo_some
from carteira.core.walls import scope
from carteira.customers.fields.convert import change_kind
from carteira.customers.fields.define import add_field, change_field, remove_field, restore_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import Field
from carteira.customers.fields.values import Reading, clean
from carteira.groups import verify
from carteira.groups.make import make_group
from carteira.groups.models import Member
from conftest import NOW


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def own(cast, label, kind, **more):
    with scope(cast.aurora.pk):
        return add_field(label=label, kind=kind, by=None, now=NOW, **more)


def say(cast, customer, field, text):
    with scope(cast.aurora.pk):
        field = Field.objects.get(pk=field.pk)
        reading = Reading(cast.aurora, NOW, "pt-br")
        fill(customer, field, clean(field, text, reading), reading=reading, by=None, now=NOW)


def group(cast, name, field, operator, value=None):
    with scope(cast.aurora.pk):
        rule = {"all": [{"field": field.name, "is": operator, "value": value}]}
        return make_group(cast.aurora, name=name, rule=rule, by=None, now=NOW)


def members(cast, one):
    with scope(cast.aurora.pk):
        assert list(verify.members()) == []
        found = Member.objects.filter(group=one).select_related("customer")
        return sorted(member.customer.name for member in found)


@pytest.mark.parametrize(
    ("kind", "said", "operator", "value", "fits"),
    [
        ("text", ["Sala 1", "sala 1", "Sala 2"], "is", "SALA 1", ["Ana", "Beto"]),
        ("text", ["Sala 1", "sala 1", ""], "is_not", "Sala 1", ["Caio"]),
        ("number", ["50", "7,5", "100"], "number_least", "50", ["Ana", "Caio"]),
        ("number", ["50", "7,5", "100"], "number_is", "7.5", ["Beto"]),
        ("money", ["50,00", "7,50", "100"], "amount_most", 5000, ["Ana", "Beto"]),
        ("date", ["20/11/2026", "01/01/2026", "01/12/2026"], "within", 30, ["Ana"]),
        ("date", ["20/11/2026", "01/01/2026", "01/12/2026"], "longer_ago", 30, ["Beto"]),
        ("date", ["20/11/2026", "01/01/2026", "01/12/2026"], "from", "2026-11-20", ["Ana", "Caio"]),
        ("yes_no", ["sim", "não", ""], "no", None, ["Beto"]),
        ("document", ["529.982.247-25", "", ""], "empty", None, ["Beto", "Caio"]),
        ("long", ["a", "", ""], "filled", None, ["Ana"]),
    ],
)
def test_rules_ask_by_kind(cast, make_customer, kind, said, operator, value, fits):
    """Issue 4: own fields in group rules; the members are right before and after something is said."""
    field = own(cast, "Campo", kind)
    people = [make_customer(cast.aurora, name) for name in ("Ana", "Beto", "Caio")]
    one = group(cast, "G", field, operator, value)
    for customer, text in zip(people, said, strict=True):
        say(cast, customer, field, text)
    assert members(cast, one) == fits
    assert members(cast, group(cast, "Again", field, operator, value)) == fits


def test_choices_follow_their_names_their_kind_and_the_removal(cast, make_customer):
    """A kept question notices that the fields changed: renamed, of another kind, removed, restored."""
    field = own(cast, "Turno", "choice", options=["Manhã", "Tarde"])
    ana, beto = make_customer(cast.aurora, "Ana"), make_customer(cast.aurora, "Beto")
    morning = field.options[0]["id"]
    one = group(cast, "De manhã", field, "one_of", [morning])
    say(cast, ana, field, "manhã")
    assert members(cast, one) == ["Ana"]
    with scope(cast.aurora.pk):
        change_field(field, renamed={morning: "Cedo"}, by=None, now=NOW)
    say(cast, beto, field, "cedo")
    assert members(cast, one) == ["Ana", "Beto"]
    with scope(cast.aurora.pk):
        remove_field(field, by=None, now=NOW)
    assert members(cast, one) == []
    with scope(cast.aurora.pk):
        restore_field(field, by=None, now=NOW)
    assert members(cast, one) == ["Ana", "Beto"]
    with scope(cast.aurora.pk):
        change_kind(field, "number", account=cast.aurora, by=None, now=NOW)
    assert members(cast, one) == []


def test_an_import_moves_members(cast, make_customer, importer):
    """Issue 4: what a sheet says of own fields makes members of new customers and old ones, in the same transaction; and so
    does taking it back."""
    room = own(cast, "Sala", "text")
    make_customer(cast.aurora, "Ana", code="A1")
    say(cast, make_customer(cast.aurora, "Beto", code="A2"), room, "Azul")
    blue = group(cast, "Azuis", room, "is", "azul")
    assert members(cast, blue) == ["Beto"]
    report = importer(cast.aurora, "customers", "code,name,Sala\nA1,,Azul\nA2,,Verde\nA3,Caio,azul\n")
    assert report.counts == (1, 2, 0, 0)
    assert members(cast, blue) == ["Ana", "Caio"]
    with scope(cast.aurora.pk):
        start_undo(report.record, by=None, now=NOW)
    while undo_some(cast.aurora, report.record.pk, now=NOW):
        pass
    assert members(cast, blue) == ["Beto"]


def test_the_builder_offers_own_fields(cast, make_customer):
    """Each account its own; documents only to whoever sees them whole."""
    field = own(cast, "Bolsa %", "number")
    one = group(cast, "G", field, "number_least", "10")
    page = cast.client(cast.ana).get(f"/aurora/groups/{one.pk}/rule/").content.decode()
    assert "Bolsa %" in page
