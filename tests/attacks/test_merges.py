"""Merging as a way around: to bring back whom somebody anonymised, to take along whom nobody meant, to reach next door."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from carteira.accounts.models import Membership
from carteira.accounts.roles import Right
from carteira.billing.models import Payment
from carteira.billing.pay import reverse_payment
from carteira.core.events.models import Event
from carteira.core.privacy.holdings import walled_models
from carteira.core.privacy.models import PersonRequest
from carteira.core.walls import scope
from carteira.customers import person_jobs
from carteira.customers.anonymise import anonymise
from carteira.customers.delete import CannotDelete, delete
from carteira.customers.merge import verify
from carteira.customers.merge.merge import CannotMerge, merge
from carteira.customers.merge.models import CustomerMerge, DuplicatePair, MergedRows
from carteira.customers.merge.review import ask_again, dismiss
from carteira.customers.merge.unmerge import CannotUnmerge, unmerge
from carteira.customers.models import Customer, Note
from carteira.customers.parts import PARTS, add
from carteira.customers.person_requests import ask
from conftest import NOW, TODAY, Cast

# Zulmira as any table could hold her.
ZULMIRA = ("Zulmira", "zulmira", "52998224725", "987654321", "Rua das Flores", "1980-05-17", "MAT-9", "canela")


@pytest.fixture
def ana(cast: Cast, make_customer: Any) -> Customer:
    return make_customer(cast.aurora, "Ana Kept", registered_on=TODAY, email="ana@example.com")


@pytest.fixture
def zulmira(cast: Cast, make_customer: Any) -> Customer:
    made = make_customer(
        cast.aurora,
        "Zulmira Exótica",
        email="zulmira@example.com",
        document="52998224725",
        document_kind="cpf",
        phone="+5511987654321",
        street="Rua das Flores",
        code="MAT-9",
        registered_on=TODAY,
    )
    with scope(cast.aurora.pk):
        Customer.objects.filter(pk=made.pk).update(birth_on="1980-05-17")
        add(PARTS["notes"], made, text="Likes canela tea", by=None, now=NOW)
        add(PARTS["points"], made, kind="email", value="zulmira2@example.com", label="", by=None, now=NOW)
        made.refresh_from_db()
    return made


def held(*, but: tuple[str, ...] = ()) -> list[str]:
    """What any table of the open scope still holds of Zulmira, as "table: word"."""
    found = []
    for model in walled_models():
        if model._meta.label in but:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" t')
            rows = [text for (text,) in cursor.fetchall()]
        found += [f"{model._meta.label}: {word}" for word in ZULMIRA if any(word in text for text in rows)]
    return found


# -- nothing personal comes back, or stays behind


@pytest.mark.parametrize("chosen", [(), ("email", "document", "name", "address", "code")])
def test_after_an_undo_nothing_of_the_merge_outlives_the_person(
    cast: Cast, ana: Customer, zulmira: Customer, chosen: tuple[str, ...]
) -> None:
    """P2, decision 19: neither the merge's own memory nor the survivor's history tells who was merged."""
    with scope(cast.aurora.pk):
        done = merge(ana, zulmira, chosen=chosen, by=None, now=NOW)
        back = unmerge(done, by=None, now=NOW + timedelta(days=1)).customer
        assert CustomerMerge.objects.get().before == {}
        assert not MergedRows.objects.exists()
        request = anonymise(back, by=None, now=NOW)
        assert request.result["searched"]["left"] == request.result["searched"]["elsewhere"] == {}
        assert held() == []
        assert Customer.objects.get(pk=ana.pk).email == "ana@example.com"
        with pytest.raises(CannotUnmerge, match="already"):
            unmerge(done, by=None, now=NOW)


def test_the_survivor_s_end_is_the_end_of_both_and_no_undo_brings_one_back(
    cast: Cast, ana: Customer, zulmira: Customer
) -> None:
    """By screen, by command, by verb; whatever is said first."""
    with scope(cast.aurora.pk):
        done = merge(ana, zulmira, by=None, now=NOW)
        anonymise(Customer.objects.get(), by=None, now=NOW)
        assert held() == []
    client = cast.client(cast.ana)
    for _twice in range(2):
        client.post(f"/aurora/customers/merges/{done.pk}/undo/")
        with scope(cast.aurora.pk):
            assert Customer.objects.count() == 1
    for code in ("MAT-9", f"#{done.merged_number}"):
        with pytest.raises(CommandError):
            call_command("unmerge", "--account", "aurora", "--code", code)
    with scope(cast.aurora.pk), pytest.raises(CannotUnmerge, match="anonymised"):
        unmerge(done, by=None, now=NOW)


@pytest.mark.parametrize("end", ["anonymised", "deleted"])
def test_who_was_said_not_to_be_the_same_is_named_by_nobody_afterwards(
    cast: Cast, ana: Customer, zulmira: Customer, end: str
) -> None:
    """The history of the other one keeps that something was said, by its number."""
    with scope(cast.aurora.pk):
        pair = DuplicatePair.objects.create(first=ana, second=zulmira, same=2, rank=2, found_at=NOW)
        for verb in (dismiss, ask_again, dismiss):
            verb([pair.pk], by=None, now=NOW)
        assert held(but=("customers.Customer",))
        if end == "anonymised":
            anonymise(zulmira, by=None, now=NOW)
        else:
            delete(zulmira, by=None, now=NOW)
        assert held() == []
        told = Event.objects.filter(customer_id=ana.pk, kind="customer.not_the_same")
        assert [event.what for event in told] == [{"number": zulmira.number}] * 2
    text = cast.client(cast.ana).get(f"/aurora/customers/{ana.pk}/tab/history/").text
    assert f"Said not to be the same as customer {zulmira.number}" in text


# -- while the other one is being anonymised


@pytest.mark.parametrize("asked", ["kept", "merged"])
def test_whose_end_was_asked_for_is_merged_with_nobody(
    cast: Cast, ana: Customer, zulmira: Customer, asked: str
) -> None:
    """The request follows its customer: the survivor, of whom nobody said anything, would be emptied with it."""
    with scope(cast.aurora.pk):
        one = {"kept": ana, "merged": zulmira}[asked]
        asked_for = ask(one, PersonRequest.Kind.ANONYMISE, by=cast.ana, now=NOW)
        with pytest.raises(CannotMerge, match=f"Customer {one.number} is being anonymised"):
            merge(ana, zulmira, by=None, now=NOW)
    answer = cast.client(cast.ana).post(f"/aurora/customers/{ana.pk}/merge/{zulmira.pk}/")
    assert answer.status_code == 422
    assert "is being anonymised" in answer.text
    person_jobs.answer(cast.aurora.pk, request_id=str(asked_for.pk))
    with scope(cast.aurora.pk):
        gone = dict(Customer.objects.values_list("number", "anonymised_on"))
        assert [number for number, on in gone.items() if on is not None] == [one.number]


# -- nobody is lost on the way


def test_a_survivor_is_not_deleted_with_whom_was_merged_into_it(cast: Cast, ana: Customer, zulmira: Customer) -> None:
    """S0-01, N8: without a row of its own it looks like a mistake, and yet somebody lives on in it; after the undo it may
    go."""
    client, card = cast.client(cast.ana), f"/aurora/customers/{ana.pk}/"
    with scope(cast.aurora.pk):
        Note.objects.all().delete()
        done = merge(ana, zulmira, by=None, now=NOW)
        with pytest.raises(CannotDelete, match="1 merged customer"):
            delete(ana, by=None, now=NOW)
    assert "1 merged customer" in client.post(f"{card}delete/", follow=True).text
    with scope(cast.aurora.pk):
        unmerge(done, by=None, now=NOW)
        delete(Customer.objects.get(pk=ana.pk), by=None, now=NOW)
        assert Customer.objects.get().name == "Zulmira Exótica"
        assert list(verify.merges()) == []


@pytest.mark.parametrize("days", [30, 31])
def test_an_undo_is_for_thirty_days_whoever_asks(
    cast: Cast, ana: Customer, zulmira: Customer, days: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """By screen and by command, to the day."""
    with scope(cast.aurora.pk):
        done = merge(ana, zulmira, by=None, now=NOW)
    with time_machine.travel(NOW + timedelta(days=days), tick=False):
        if days > 30:
            with pytest.raises(CommandError, match="A merge can be undone for 30 days"):
                call_command("unmerge", "--account", "aurora", "--code", "MAT-9")
        answer = cast.client(cast.ana).post(f"/aurora/customers/merges/{done.pk}/undo/")
        assert answer.status_code == 302
    with scope(cast.aurora.pk):
        assert Customer.objects.count() == (2 if days == 30 else 1)


# -- next door, and with few rights


def test_next_door_s_customers_merges_and_pairs_are_nobody(
    cast: Cast, ana: Customer, make_customer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """T1, A1: their ids, codes and numbers; Dora's own with the same code stay as they are."""
    theirs = [make_customer(cast.boreal, f"Vizinha {nth}", code=f"V{nth}") for nth in range(3)]
    with scope(cast.boreal.pk):
        done = merge(theirs[0], theirs[1], by=None, now=NOW)
    with scope(cast.boreal.pk):
        pair = DuplicatePair.objects.create(first=theirs[0], second=theirs[2], same=2, rank=2, found_at=NOW)
    client, one = cast.client(cast.ana), theirs[2].pk
    for path in (f"{ana.pk}/merge/{one}/", f"{one}/merge/{ana.pk}/", f"merges/{done.pk}/undo/"):
        assert client.post(f"/aurora/customers/{path}").status_code == 404
    # Merged next door is not merged here.
    assert client.post(f"/aurora/customers/{ana.pk}/merge/{theirs[1].pk}/").status_code == 404
    for act in ("merge", "part"):
        answer = client.post(
            f"/aurora/customers/duplicates/act/?customer={one}", {"act": act, "pair": pair.pk}, follow=True
        )
        assert "Vizinha" not in answer.text
    client.post(f"/aurora/customers/duplicates/again/?pair={pair.pk}")
    for arguments in (
        ["merge", "--keep", "V0", "--merge", "#1"],
        ["merge", "--keep", "#1", "--merge", "V2"],
        ["merge", "--keep", "#1", "--merge", "#1"],
        ["merge", "--keep", "#1", "--merge", "#" + "9" * 30],
        ["merge", "--keep", "", "--merge", ""],
        ["unmerge", "--code", "V1"],
        ["unmerge", "--code", "#2"],
        ["unmerge", "--code", "#" + "9" * 30],
        ["unmerge", "--code", "\udcff"],
        ["merge", "--keep", "#1", "--merge", "\udcff"],
    ):
        with pytest.raises(CommandError) as refused:
            call_command(arguments[0], "--account", "aurora", *arguments[1:])
        assert "Vizinha" not in str(refused.value)
    with scope(cast.boreal.pk):
        assert CustomerMerge.objects.get().undone_at is None
        assert DuplicatePair.objects.get().dismissed_at is None
        assert Customer.objects.count() == 2
    with scope(cast.aurora.pk):
        assert Customer.objects.count() == 1
        assert not CustomerMerge.objects.exists()


def test_who_may_not_see_money_merges_and_learns_no_amount(
    cast: Cast, make_customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in the preview, nor by what stays behind at an undo."""
    kept, merged = (make_customer(cast.aurora, name, paid=[(TODAY, 123_456)]) for name in ("Ana", "Ana S."))
    page, client = f"/aurora/customers/{kept.pk}/merge/{merged.pk}/", cast.client(cast.sofia)
    assert "2.469,12" in client.get(page).text
    Membership.objects.filter(user=cast.sofia).update(denied=[Right.SEE_MONEY])
    told = client.get(page).text
    assert "1.234,56" not in told
    assert "2.469,12" not in told
    assert "Payments" not in re.sub(r"(?s)<nav.*?</nav>", "", told)
    client.post(page)
    with scope(cast.aurora.pk):
        done = CustomerMerge.objects.get()
        first = Payment.objects.filter(pk__in=done.rows.get(mover="billing.Payment.customer").moved).get()
        reverse_payment(first, by=None, now=NOW)
    answer = client.post(f"/aurora/customers/merges/{done.pk}/undo/", follow=True)
    assert "is a customer of its own again" in answer.text
    assert not re.search(r"(?i)payments? stay", answer.text)
