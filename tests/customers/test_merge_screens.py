"""N8 on screen and at the terminal."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.functional import Promise

from carteira.core.walls import scope
from carteira.customers.merge.movers import tables
from carteira.customers.models import ContactPoint, Customer, CustomerMerge
from carteira.customers.parts import PARTS, add
from conftest import NOW, TODAY, Cast

URL = "/aurora/customers"


@pytest.fixture
def two(cast: Cast, make_customer: Any) -> tuple[Customer, Customer]:
    kept = make_customer(cast.aurora, "Maria Silva", email="maria@example.com", city="Natal", paid=[(TODAY, 5000)])
    return kept, make_customer(cast.aurora, "Maria S.", email="m@example.com", city="Recife", paid=[(TODAY, 7000)])


def test_every_line_of_the_preview_has_a_name_in_every_language() -> None:
    """N8: what joins is told in the reader's words, whichever room the rows belong to."""
    shown = [table for table in tables() if table.mover.shown and not table.mover.derived]
    assert len(shown) > 8
    named = (table.mover.label or table.model._meta.verbose_name for table in shown)
    assert [str(name) for name in named if not isinstance(name, Promise)] == []


def test_an_address_is_told_as_people_write_it(cast: Cast, make_customer: Any) -> None:
    """N8: the postal code with its hyphen where the address is Brazilian, as it was written elsewhere."""
    place = {"street": "Rua A", "street_number": "1", "city": "Natal", "postal_code": "59010100"}
    one = make_customer(cast.aurora, "Maria A", **place)
    other = make_customer(cast.aurora, "Maria B", **{**place, "country": "PT", "postal_code": "1000001"})
    page = cast.client(cast.ana).get(f"{URL}/{one.pk}/merge/{other.pk}/").content.decode()
    assert "Natal, 59010-100" in page
    assert "Natal, 1000001" in page


def test_looked_at_merged_and_undone(cast: Cast, two: tuple[Customer, Customer]) -> None:
    """N8: the preview says what wins, what moves and the sums; the address of the merged one leads to the survivor."""
    kept, merged = two
    client = cast.client(cast.ana)
    page = client.get(f"{URL}/{kept.pk}/merge/{merged.pk}/").content.decode()
    assert "Maria S." in page
    assert page.count("120,00") == 2  # invoiced and paid together
    answer = client.post(f"{URL}/{kept.pk}/merge/{merged.pk}/", {"email": "merged"}, follow=True)
    card = answer.content.decode()
    assert "Maria S. is part of Maria Silva now." in card
    assert "was merged into this customer. It can be undone until" in card
    with scope(cast.aurora.pk):
        done = CustomerMerge.objects.get()
        assert Customer.objects.get().email == "m@example.com"
        assert ContactPoint.objects.get().value == "maria@example.com"
    assert client.get(f"{URL}/{merged.pk}/").headers["Location"] == f"{URL}/{kept.pk}/"
    assert client.get(f"{URL}/{merged.pk}/tab/info/").headers["Location"] == f"{URL}/{kept.pk}/tab/info/"
    assert "Maria S." not in client.get(f"{URL}/").content.decode()
    back = client.post(f"{URL}/merges/{done.pk}/undo/", follow=True).content.decode()
    assert "Maria S. is a customer of its own again." in back
    again = client.post(f"{URL}/merges/{done.pk}/undo/", follow=True).content.decode()
    assert "This merge was undone already." in again


def test_the_first_of_two_is_undone(cast: Cast, two: tuple[Customer, Customer], make_customer: Any) -> None:
    """N8: the card tells of each merge that can be undone, and any of them is."""
    kept, merged = two
    third = make_customer(cast.aurora, "Rosa Lima")
    client = cast.client(cast.ana)
    client.post(f"{URL}/{kept.pk}/merge/{merged.pk}/")
    client.post(f"{URL}/{third.pk}/merge/{kept.pk}/")
    card = client.get(f"{URL}/{third.pk}/").content.decode()
    assert card.count("was merged into this customer. It can be undone until") == 2
    with scope(cast.aurora.pk):
        first = CustomerMerge.objects.get(merged_id=merged.pk)
    assert f"{URL}/merges/{first.pk}/undo/" in card
    assert (
        "Maria S. is a customer of its own again."
        in client.post(f"{URL}/merges/{first.pk}/undo/", follow=True).content.decode()
    )
    with scope(cast.aurora.pk):
        assert set(Customer.objects.values_list("pk", flat=True)) == {merged.pk, third.pk}
        assert Customer.objects.get(pk=third.pk).first_paid_on == TODAY


def test_whom_to_merge_with(cast: Cast, make_customer: Any) -> None:
    """N8: first those who look like the same, then whoever is searched for."""
    one = make_customer(cast.aurora, "Maria Silva", phone="+5583988887777")
    make_customer(cast.aurora, "Mariazinha", phone="+558388887777")
    make_customer(cast.aurora, "Somebody Else")
    client = cast.client(cast.ana)
    page = client.get(f"{URL}/{one.pk}/merge/").content.decode()
    assert "Mariazinha" in page
    assert "same phone" in page
    assert "Somebody" not in page
    assert "Somebody" in client.get(f"{URL}/{one.pk}/merge/?q=some").content.decode()


def test_money_is_told_to_whom_may_see_it(cast: Cast, two: tuple[Customer, Customer]) -> None:
    with scope(cast.aurora.pk):
        cast.aurora.memberships.filter(user=cast.sofia).update(denied=["billing.see", "billing.record"])
    page = cast.client(cast.sofia).get(f"{URL}/{two[0].pk}/merge/{two[1].pk}/").content.decode()
    assert "R$" not in page


def test_queries_do_not_grow_with_rows(cast: Cast, make_customer: Any) -> None:
    """N8: the preview and the merge ask as often for 1 row as for 30."""

    def asked(rows: int) -> tuple[int, int]:
        with scope(cast.aurora.pk):
            Customer.objects.count()
        pair = [make_customer(cast.aurora, f"Maria {rows} {nth}") for nth in range(2)]
        with scope(cast.aurora.pk):
            for one in pair:
                for nth in range(rows):
                    add(PARTS["notes"], one, text=str(nth), by=None, now=NOW)
                    add(PARTS["points"], one, kind="email", value=f"m{nth}@example.com", label="", by=None, now=NOW)
        client = cast.client(cast.ana)
        url = f"{URL}/{pair[0].pk}/merge/{pair[1].pk}/"
        client.get(url)
        with CaptureQueriesContext(connection) as looked:
            client.get(url)
        with CaptureQueriesContext(connection) as merged:
            client.post(url)
        return len(looked), len(merged)

    few = asked(1)
    assert asked(30) == few


def test_from_the_terminal(cast: Cast, make_customer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """N8: carteira merge and carteira unmerge."""
    kept = make_customer(cast.aurora, "Maria Silva", code="A1", paid=[(TODAY, 5000)])
    merged = make_customer(cast.aurora, "Maria S.", code="A2", paid=[(TODAY, 7000)])
    call_command("merge", "--account", "aurora", "--keep", "A1", "--merge", "A2", "--json")
    out = capsys.readouterr().out.splitlines()
    assert json.loads(out[-1]) == {"kept": kept.number, "merged": [merged.number]}
    with pytest.raises(CommandError, match="No customer has the code"):
        call_command("merge", "--account", "aurora", "--keep", "A1", "--merge", "A2")
    with pytest.raises(CommandError, match="No merged customer"):
        call_command("unmerge", "--account", "aurora", "--code", "A1")
    call_command("unmerge", "--account", "aurora", "--code", "A2", "--json")
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told == {"customer": merged.number, "survivor": kept.number, "left": []}
    call_command("merge", "--account", "aurora", "--keep", "A1", "--merge", f"#{merged.number}")
    call_command("unmerge", "--account", "aurora", "--code", f"#{merged.number}")
    with scope(cast.aurora.pk):
        assert Customer.objects.count() == 2
