"""N8: every address of a merged customer leads to its survivor, whichever room's screen it is; nothing is done in passing."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from carteira.core.events.models import Event
from carteira.core.urls import account_url
from carteira.core.walls import scope
from carteira.customers.merge.merge import merge
from carteira.customers.merge.unmerge import unmerge
from carteira.customers.models import Customer
from carteira.customers.register import register
from carteira.customers.screens import new
from conftest import NOW, TODAY, Cast, undone
from tests.test_urls import HTMX, ROWS, Asking
from tests.urls_table import Row, nothing

URL = "/aurora/customers"

# Their paths name something else than a customer.
OF_OTHERS = re.compile(
    r"(accounts|exports|imports|help):.*"
    r"|customers:(bulk_(act|go_on|report|undo)|(remove_|restore_)?own_field(_kind)?|unmerge|view(_.*)?)"
    r"|groups:(?!put$).*"
    r"|tasks:(edit|finish|remove|reopen)"
    r"|billing:(logo|pdf|invoice|(cancel|restore)_invoice|issue_now|choose_method|complete_data|reverse_payment|undo_.*)"
)
WITH_PATHS = [row for row in ROWS if row.kwargs is not nothing]
OF_CUSTOMERS = [row for row in WITH_PATHS if not OF_OTHERS.fullmatch(row.name)]


def _named(asking: Asking) -> Customer | None:
    """The customer in the row's path. The scope is open."""
    ids = [value for value in asking.kwargs.values() if isinstance(value, UUID)]
    return Customer.objects.filter(pk__in=ids, anonymised_on=None).order_by("number").first()


def _merged(asking: Asking) -> tuple[UUID, UUID]:
    """The customer in the row's path becomes part of another: (merged, survivor)."""
    with scope(asking.account.pk):
        customer = _named(asking)
        assert customer is not None, "it names no customer: see OF_OTHERS"
        survivor = register(asking.account, name="Rosa Lima", registered_on=TODAY, by=None, now=NOW)
        merge(survivor, customer, by=None, now=NOW)
        return customer.pk, survivor.pk


def _events() -> int:
    return Event.objects.count()


def test_the_others_name_no_customer(cast: Cast) -> None:
    """What the next test leaves out."""
    named = []
    for row in WITH_PATHS:
        if row not in OF_CUSTOMERS:
            with undone():
                asking = Asking(row, cast.aurora)
                with scope(cast.aurora.pk):
                    named += [row.name] if _named(asking) else []
    assert named == []


@pytest.mark.parametrize("row", OF_CUSTOMERS, ids=lambda row: row.name)
def test_every_address(row: Row, cast: Cast) -> None:
    client = cast.client(cast.ana)
    with undone():
        asking = Asking(row, cast.aurora)
        merged, survivor = _merged(asking)
        card = f"{URL}/{survivor}/"
        with scope(cast.aurora.pk):
            before = _events()
        if row.get < 400:
            answer = asking.send(client, "GET", {})
            assert answer.status_code == 302
            assert str(survivor) in answer["Location"]
            assert str(merged) not in answer["Location"]
            assert client.get(answer["Location"]).status_code in (200, 302, 404)
            fragment = asking.send(client, "GET", HTMX)
            assert fragment["HX-Redirect"] == card
        if row.post != 405:
            answer = asking.send(client, "POST", {})
            assert (answer.status_code, answer["Location"]) == (302, card)
            page = client.get(card).content.decode()
            assert "This customer was merged: it is part of Rosa Lima" in page
            assert "Nothing was changed." in page
            fragment = asking.send(client, "POST", HTMX)
            assert (fragment.status_code, fragment["Content-Type"]) == (404, "text/plain; charset=utf-8")
            assert "it is part of Rosa Lima" in fragment.content.decode()
        with scope(cast.aurora.pk):
            assert _events() == before


def test_the_forms_lead_on(cast: Cast, make_customer: Any) -> None:
    """N8: edit, tabs, a new invoice, a past day: the same page of the survivor; back to its own after the undo."""
    kept, merged = make_customer(cast.aurora, "Maria Silva"), make_customer(cast.aurora, "Maria S.")
    client = cast.client(cast.ana)
    with scope(cast.aurora.pk):
        done = merge(kept, merged, by=None, now=NOW)
    for path in ("edit/", "tab/info/", "tab/history/?as_of=2026-10-01", "archive/", "merge/"):
        assert client.get(f"{URL}/{merged.pk}/{path}")["Location"] == f"{URL}/{kept.pk}/{path}"
    # Nobody is merged with itself.
    assert client.get(f"{URL}/{kept.pk}/merge/{merged.pk}/")["Location"] == f"{URL}/{kept.pk}/"
    again = client.post(f"{URL}/{kept.pk}/merge/{merged.pk}/", follow=True).content.decode()
    assert "it is part of Maria Silva" in again
    with scope(cast.aurora.pk):
        unmerge(done, by=None, now=NOW)
    assert client.get(f"{URL}/{merged.pk}/edit/").status_code == 200


def test_nobody_else_is_led_anywhere(cast: Cast, make_customer: Any) -> None:
    """A1: another business's merged customer is 404, and so is one that never was; without the right too."""
    kept, merged = make_customer(cast.boreal, "Maria Silva"), make_customer(cast.boreal, "Maria S.")
    with scope(cast.boreal.pk):
        merge(kept, merged, by=None, now=NOW)
    client: Client = cast.client(cast.ana)
    for method in (client.get, client.post):
        assert method(f"{URL}/{merged.pk}/edit/").status_code == 404
    assert client.get(f"{account_url('aurora', 'customers:card', kept.pk)}").status_code == 404


def test_merged_while_a_form_was_sent(cast: Cast, make_customer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """N8: between the look at the customer and its lock somebody merges it: a sentence, not an error, and nothing half."""
    kept, merged = make_customer(cast.aurora, "Maria Silva"), make_customer(cast.aurora, "Maria S.")
    real = new.edit

    def slower(customer: Any, **values: Any) -> Any:
        merge(Customer(pk=kept.pk), Customer(pk=merged.pk), by=None, now=NOW)
        return real(customer, **values)

    monkeypatch.setattr(new, "edit", slower)
    answer = cast.client(cast.ana).post(f"{URL}/{merged.pk}/edit/", {"name": "Maria Souza", "kind": "person"})
    # The merge was of the same transaction here, and went with it.
    assert answer.status_code == 302
    with scope(cast.aurora.pk):
        assert set(Customer.objects.values_list("name", flat=True)) == {"Maria Silva", "Maria S."}
