"""N8, S1-08: the business's own fields in a merge: which value stays is chosen, and an undo brings each one's back."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.core.walls.scope import finish
from carteira.customers import history
from carteira.customers.fields.convert import change_kind
from carteira.customers.fields.define import add_field, change_field, remove_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import Field, FieldValue
from carteira.customers.fields.queries import said_of
from carteira.customers.fields.values import Reading, clean, shown
from carteira.customers.merge.merge import CannotMerge, merge
from carteira.customers.merge.unmerge import unmerge
from carteira.customers.models import Customer
from carteira.customers.search import found_by
from carteira.customers.verify import search_more
from conftest import NOW, Cast
from tests.whole_account import everything

LATER = NOW + timedelta(days=2)
URL = "/aurora/customers"


def say(customer: Customer, field: Field, typed: str, now: Any = NOW) -> None:
    reading = Reading(customer.account, now)
    fill(customer, field, clean(field, typed, reading), reading=reading, by=None, now=now)


def says(customer: Any, field: Field) -> str:
    field = Field.objects.get(pk=field.pk)
    return shown(field, said_of(customer.pk, [field]).get(field.pk, []), Reading(customer.account, NOW))


@pytest.fixture
def two(cast: Cast, make_customer: Any) -> tuple[Customer, Customer]:
    return make_customer(cast.aurora, "Maria Silva"), make_customer(cast.aurora, "Maria S.")


@pytest.fixture
def fields(cast: Cast) -> dict[str, Field]:
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "Shirt": ("text", {}),
        "Card": ("text", {"unique": True}),
        "Height": ("number", {}),
        "Classes": ("choices", {"options": ["Yoga", "Dance", "Chess"]}),
        "Level": ("choice", {"options": ["One", "Two"]}),
        "Tax": ("document", {}),
    }
    with scope(cast.aurora.pk):
        return {
            label: add_field(label=label, kind=kind, by=None, now=NOW, **more) for label, (kind, more) in kinds.items()
        }


def test_which_value_stays_is_chosen(cast: Cast, two: tuple[Customer, Customer], fields: dict[str, Field]) -> None:
    """N8: the kept one's, the merged one's, or both of several choices; unique fields do not stand in the way; undone,
    both say again what they said, to the last byte."""
    kept, merged = two
    with scope(cast.aurora.pk):
        for label, one, other in (
            ("Shirt", "M", "L"),
            ("Card", "A-1", "B-2"),
            ("Height", "170", ""),
            ("Classes", "Yoga, Dance", "Dance, Chess"),
            ("Level", "One", "Two"),
            ("Tax", "", "52998224725"),
        ):
            say(kept, fields[label], one)
            say(merged, fields[label], other)
        finish()
        before = everything()
        own = {fields["Card"].name: "merged", fields["Level"].name: "merged"}
        done = merge(kept, merged, own=own, by=cast.ana, now=NOW)
        finish()
        assert {label: says(kept, field) for label, field in fields.items()} == {
            "Shirt": "M",
            "Card": "B-2",
            "Height": "170",
            "Classes": "Yoga, Dance, Chess",
            "Level": "Two",
            "Tax": "529.982.247-25",
        }
        assert FieldValue.objects.filter(alone=True).count() == 1
        assert [one.pk for one in Customer.objects.filter(found_by("B-2").first_by_name(5, archived=None))] == [kept.pk]
        assert list(search_more()) == []
        told = history.tell(Event.objects.get(kind="customer.merged"), "BRL", whole=False)
        assert ("Level", "One", "Two") in told.changes
        assert ("Tax", "", "***") in told.changes
        back = unmerge(done, by=cast.ana, now=LATER)
        finish()
        assert back.told == []
        assert everything() == before


def test_one_of_several_choices_can_win_alone(
    cast: Cast, two: tuple[Customer, Customer], fields: dict[str, Field]
) -> None:
    kept, merged = two
    classes = fields["Classes"]
    with scope(cast.aurora.pk):
        say(kept, classes, "Yoga")
        say(merged, classes, "Chess")
        for wins, left in (("kept", "Yoga"), ("merged", "Chess"), ("both", "Yoga, Chess")):
            done = merge(kept, merged, own={classes.name: wins}, by=None, now=NOW)
            assert says(kept, classes) == left
            unmerge(done, by=None, now=NOW)
        for own in ({"own_0": "kept"}, {classes.name: "none"}):
            with pytest.raises(CannotMerge, match="no such field"):
                merge(kept, merged, own=own, by=None, now=NOW)


def test_what_somebody_changed_since_stays(
    cast: Cast, two: tuple[Customer, Customer], fields: dict[str, Field], make_customer: Any
) -> None:
    """N8: the survivor keeps what was said since, the merged one gets back what was its own; a value that somebody else
    has by now is told."""
    kept, merged = two
    third = make_customer(cast.aurora, "Rosa Lima")
    with scope(cast.aurora.pk):
        for label, one, other in (("Shirt", "M", "L"), ("Card", "A-1", "B-2"), ("Level", "One", "Two")):
            say(kept, fields[label], one)
            say(merged, fields[label], other)
        own = {fields[label].name: "merged" for label in ("Shirt", "Level")}
        done = merge(kept, merged, own=own, by=None, now=NOW)
        say(kept, fields["Shirt"], "XL", LATER)
        say(kept, fields["Level"], "", LATER)
        say(third, fields["Card"], "B-2", LATER)
        back = unmerge(done, by=None, now=LATER)
        assert [says(kept, fields[label]) for label in ("Shirt", "Card", "Level")] == ["XL", "A-1", ""]
        assert [says(merged, fields[label]) for label in ("Shirt", "Card", "Level")] == ["L", "", "Two"]
        assert back.told == [
            "Changed since, and left as it is: Shirt, Level.",
            "Another customer has this by now: Card.",
        ]


def test_fields_that_are_something_else_by_now(
    cast: Cast, two: tuple[Customer, Customer], fields: dict[str, Field]
) -> None:
    """N8, S1-09: of another kind, with other names of choices, different for everybody or removed: an undo says the same
    as ever in the way of today."""
    kept, merged = two
    with scope(cast.aurora.pk):
        for label, one, other in (
            ("Shirt", "12", "14"),
            ("Height", "170", "160"),
            ("Classes", "Yoga", "Chess"),
            ("Level", "One", "Two"),
        ):
            say(kept, fields[label], one)
            say(merged, fields[label], other)
        done = merge(kept, merged, own={fields[label].name: "merged" for label in ("Shirt", "Level")}, by=None, now=NOW)
        change_kind(fields["Shirt"], "number", account=cast.aurora, by=None, now=LATER)
        change_field(fields["Height"], unique=True, by=None, now=LATER)
        two_id = next(one["id"] for one in fields["Level"].options if one["label"] == "Two")
        change_field(fields["Level"], renamed={two_id: "Second"}, by=None, now=LATER)
        remove_field(fields["Classes"], by=None, now=LATER)
        back = unmerge(done, by=None, now=LATER)
        assert back.told == []
        assert [says(kept, field) for field in fields.values()][:5] == ["12", "", "170", "Yoga", "One"]
        assert [says(merged, field) for field in fields.values()][:5] == ["14", "", "160", "Chess", "Second"]
        assert set(FieldValue.objects.filter(field=fields["Shirt"]).values_list("number", flat=True)) == {
            120000,
            140000,
        }
        assert set(FieldValue.objects.filter(field=fields["Height"]).values_list("alone", flat=True)) == {True}


def test_the_preview_asks(cast: Cast, two: tuple[Customer, Customer], fields: dict[str, Field]) -> None:
    """N8: a line for each own field that differs; several choices can be united; what is chosen is what stays."""
    kept, merged = two
    with scope(cast.aurora.pk):
        for label, one, other in (
            ("Shirt", "M", "L"),
            ("Classes", "Yoga", "Chess"),
            ("Height", "170", "170"),
            ("Level", "", "Two"),
        ):
            say(kept, fields[label], one)
            say(merged, fields[label], other)
    client = cast.client(cast.ana)
    url = f"{URL}/{kept.pk}/merge/{merged.pk}/"
    page = client.get(url).content.decode()
    assert "Shirt" in page
    assert "Both: Yoga, Chess" in page
    assert "Height" not in page
    assert page.count(f'name="{fields["Classes"].name}"') == 3
    assert page.count(f'name="{fields["Level"].name}"') == 0
    refused = client.post(url, {"own_nothing": "merged"})
    assert refused.status_code == 422
    client.post(url, {fields["Shirt"].name: "merged", fields["Classes"].name: "kept"})
    with scope(cast.aurora.pk):
        assert [says(kept, fields[label]) for label in ("Shirt", "Classes", "Level")] == ["L", "Yoga", "Two"]


def test_at_the_terminal(cast: Cast, make_customer: Any, fields: dict[str, Field]) -> None:
    kept, merged = (make_customer(cast.aurora, f"Maria {code}", code=code) for code in ("A1", "A2"))
    with scope(cast.aurora.pk):
        say(kept, fields["Shirt"], "M")
        say(merged, fields["Shirt"], "L")
    to = ("--account", "aurora", "--keep", "A1", "--merge", "A2")
    with pytest.raises(CommandError, match="no own field"):
        call_command("merge", *to, "--take-own", "Trousers")
    call_command("merge", *to, "--take-own", "shirt")
    with scope(cast.aurora.pk):
        assert says(kept, fields["Shirt"]) == "L"


def test_as_many_statements_for_many_fields(cast: Cast, two: tuple[Customer, Customer]) -> None:
    """N8: statements do not grow with fields."""
    kept, merged = two

    def asked() -> tuple[int, int]:
        with scope(cast.aurora.pk):
            with CaptureQueriesContext(connection) as merging:
                done = merge(kept, merged, by=None, now=NOW)
            with CaptureQueriesContext(connection) as undoing:
                unmerge(done, by=None, now=NOW)
        return len(merging), len(undoing)

    def fields_more(count: int) -> None:
        with scope(cast.aurora.pk):
            for _nth in range(count):
                field = add_field(label=f"F{Field.objects.count()}", kind="text", by=None, now=NOW)
                say(kept, field, "one")
                say(merged, field, "two")

    fields_more(1)
    few = asked()
    fields_more(5)
    assert asked() == few
