"""N8, S1-02: merging two customers loses nothing, and an undo brings both back to the last byte."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carteira.billing.issue import invoice_once as one_off
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import record_payment
from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.core.walls.scope import finish
from carteira.customers.anonymise import anonymise
from carteira.customers.archive import archive
from carteira.customers.edit import edit
from carteira.customers.fields.define import add_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import Field
from carteira.customers.fields.values import Reading, clean
from carteira.customers.merge import verify
from carteira.customers.merge.merge import CannotMerge, merge
from carteira.customers.merge.movers import counts
from carteira.customers.merge.take_out import take_out
from carteira.customers.merge.unmerge import CannotUnmerge, unmerge
from carteira.customers.merge.values import CHOICES, WINNERS
from carteira.customers.models import ArchivePeriod, Contact, ContactPoint, Customer, CustomerMerge, MergedRows, Note
from carteira.customers.parts import PARTS, add
from carteira.customers.register import register
from carteira.customers.verify import cached_facts, derived_columns, search_entries, search_more
from carteira.groups.belong import add_many
from carteira.groups.make import make_group
from conftest import NOW, TODAY, Cast, examples, undone
from tests.whole_account import everything

LATER = NOW + timedelta(days=2)


@pytest.fixture
def two(cast: Cast, make_customer: Any) -> tuple[Customer, Customer]:
    kept = make_customer(
        cast.aurora, "Maria Silva", email="maria@example.com", phone="+5583988887777", paid=[(date(2026, 10, 1), 5000)]
    )
    merged = make_customer(
        cast.aurora,
        "Maria S.",
        email="m.silva@example.com",
        document="52998224725",
        document_kind="cpf",
        city="Natal",
        street="Rua das Flores",
        paid=[(date(2026, 9, 1), 7000)],
    )
    return kept, merged


def test_nothing_is_lost(cast: Cast, two: tuple[Customer, Customer]) -> None:
    """N8: rows and sums of the two are those of the one; the merged one leaves every list."""
    kept, merged = two
    with scope(cast.aurora.pk):
        add(PARTS["notes"], merged, text="Likes tea", by=None, now=NOW)
        before = counts([kept.pk, merged.pk])
        done = merge(kept, merged, by=cast.ana, now=NOW)
        finish()
        after = counts([kept.pk])[str(kept.pk)]
        kept.refresh_from_db()
        assert not Customer.objects.filter(pk=merged.pk).exists()
        assert (kept.document, kept.city, kept.email) == ("52998224725", "Natal", "maria@example.com")
        assert list(ContactPoint.objects.values_list("kind", "value")) == [("email", "m.silva@example.com")]
        assert after["billing.Payment.customer"] == [2, 12000]
        told = after["core.Event.customer_id"][0]
        assert told == sum(before[str(one.pk)]["core.Event.customer_id"][0] for one in two) + 1
        assert kept.registered_on == date(2026, 9, 1) == kept.first_paid_on
        assert kept.last_paid_on == date(2026, 10, 1)
        assert Note.objects.get().customer_id == kept.pk
        assert done.survivor_id == kept.pk


def test_undone_both_are_what_they_were(cast: Cast, two: tuple[Customer, Customer]) -> None:
    """N8: merge then undo is byte-equal."""
    kept, merged = two
    with scope(cast.aurora.pk):
        add(PARTS["points"], merged, kind="email", value="maria@example.com", label="old", by=None, now=NOW)
        add(PARTS["points"], kept, kind="email", value="m.silva@example.com", label="work", by=None, now=NOW)
        add(PARTS["notes"], merged, text="Likes tea", by=None, now=NOW)
        add(PARTS["contacts"], merged, other=kept, is_payer=True, by=None, now=NOW)
        add(PARTS["contacts"], kept, name="Rosa", is_payer=True, by=None, now=NOW)
        add(PARTS["contacts"], merged, name="Rui", by=None, now=NOW)
        one_off(merged, amount=900, due_on=TODAY, by=None, now=NOW)
        finish()
        before = everything()
        done = merge(kept, merged, chosen=["name", "email"], by=cast.ana, now=NOW)
        finish()
        assert everything() != before
        back = unmerge(done, by=cast.ana, now=LATER)
        finish()
        assert everything() == before
        assert back.told == []


def test_what_came_since_stays_with_the_survivor(cast: Cast, two: tuple[Customer, Customer]) -> None:
    """N8: payments received between merge and undo stay with the survivor, with the invoice they paid."""
    kept, merged = two
    with scope(cast.aurora.pk):
        invoice = one_off(merged, amount=900, due_on=TODAY, by=None, now=NOW)
        other = one_off(merged, amount=400, due_on=TODAY, by=None, now=NOW)
        done = merge(kept, merged, by=cast.ana, now=NOW)
        kept.refresh_from_db()
        record_payment(
            kept,
            amount=900,
            paid_on=TODAY,
            method="pix",
            invoice=Invoice.objects.get(pk=invoice.pk),
            by=None,
            now=LATER,
        )
        edit(kept, city="Recife", by=None, now=LATER)
        add(PARTS["notes"], kept, text="New", by=None, now=LATER)
        back = unmerge(done, by=cast.ana, now=LATER)
        assert Invoice.objects.get(pk=invoice.pk).customer_id == kept.pk
        assert Invoice.objects.get(pk=other.pk).customer_id == merged.pk
        assert Payment.objects.get(amount=900).customer_id == kept.pk
        assert Payment.objects.get(amount=7000).customer_id == merged.pk
        assert Note.objects.get().customer_id == kept.pk
        kept.refresh_from_db()
        assert kept.city == "Recife"
        assert len(back.told) == 2
        assert back.customer.city == "Natal"


def test_chains_are_undone_last_first(cast: Cast, make_customer: Any) -> None:
    """N8: A into B, B into C; each undo in the order of the merges, else a clear refusal."""
    a, b, c = (make_customer(cast.aurora, f"Maria {letter}", paid=[(TODAY, 100)]) for letter in "ABC")
    with scope(cast.aurora.pk):
        before = everything()
        first = merge(b, a, by=None, now=NOW)
        second = merge(c, b, by=None, now=NOW)
        first.refresh_from_db()
        assert first.survivor_id == c.pk
        with pytest.raises(CannotUnmerge, match="merged in turn"):
            unmerge(first, by=None, now=NOW)
        unmerge(second, by=None, now=NOW)
        unmerge(first, by=None, now=NOW)
        assert everything() == before
        one, two = merge(c, a, by=None, now=NOW), merge(c, b, by=None, now=NOW)
        with pytest.raises(CannotUnmerge, match="later: undo that first"):
            unmerge(one, by=None, now=NOW)
        unmerge(two, by=None, now=NOW)
        unmerge(one, by=None, now=NOW)
        with pytest.raises(CannotUnmerge, match="already"):
            unmerge(one, by=None, now=NOW)
        assert everything() == before


def test_chains_are_undone_in_any_order(cast: Cast, make_customer: Any) -> None:
    """N8: A into B, B into C, D into C; each alone comes back with what it had, the others stay merged as they were."""
    a, b, c, d = (make_customer(cast.aurora, f"Maria {letter}", code=letter, paid=[(TODAY, 100)]) for letter in "ABCD")
    with scope(cast.aurora.pk):
        before, was = everything(), {one.pk: counts([one.pk])[str(one.pk)] for one in (a, b, c, d)}
        first = merge(b, a, chosen=["name"], by=None, now=NOW)
        second = merge(c, b, chosen=["name"], by=None, now=NOW)
        third = merge(c, d, by=None, now=NOW)
        back = take_out(first, by=None, now=LATER)
        assert (back.customer.pk, back.survivor.pk) == (a.pk, c.pk)
        assert set(Customer.objects.values_list("name", "pk")) == {("Maria A", a.pk), ("Maria B", c.pk)}
        assert counts([a.pk])[str(a.pk)]["billing.Payment.customer"] == was[a.pk]["billing.Payment.customer"]
        assert counts([c.pk])[str(c.pk)]["billing.Payment.customer"] == [3, 300]
        assert list(verify.merges()) == []
        # As long as before, counted from the first time.
        with pytest.raises(CannotUnmerge, match="30 days"):
            take_out(CustomerMerge.objects.get(merged_id=b.pk, undone_at=None), by=None, now=NOW + timedelta(31))
        for merged in (b, d):
            take_out(CustomerMerge.objects.get(merged_id=merged.pk, undone_at=None), by=None, now=LATER)
        assert everything() == before
        for done in (first, second, third):
            with pytest.raises(CannotUnmerge, match="already"):
                take_out(done, by=None, now=LATER)


def test_thirty_days(cast: Cast, two: tuple[Customer, Customer]) -> None:
    """N8: undo for 30 days."""
    with scope(cast.aurora.pk):
        done = merge(*two, by=None, now=NOW)
        with pytest.raises(CannotUnmerge, match="30 days"):
            unmerge(done, by=None, now=NOW + timedelta(days=30, seconds=1))
        unmerge(done, by=None, now=NOW + timedelta(days=30))


def test_archived_with_living(cast: Cast, make_customer: Any) -> None:
    """N8, S0-14: one of them was there all the time, so somebody was."""
    living = make_customer(cast.aurora, "Ana Lima", registered_on=date(2026, 6, 1))
    gone = make_customer(cast.aurora, "Ana Lima", registered_on=date(2026, 1, 1))
    with scope(cast.aurora.pk):
        archive(gone, on=date(2026, 3, 1), by=None, now=NOW)
        before = everything()
        done = merge(living, gone, by=None, now=NOW)
        living.refresh_from_db()
        assert living.archived_on is None
        # Before the living one came, nobody was there but the archived one.
        assert list(ArchivePeriod.objects.values_list("from_on", "until_on")) == [(date(2026, 3, 1), date(2026, 6, 1))]
        unmerge(done, by=None, now=NOW)
        assert everything() == before
        done = merge(gone, living, by=None, now=NOW)
        gone.refresh_from_db()
        assert gone.archived_on is None
        archive(gone, on=TODAY, by=None, now=NOW)
        back = unmerge(done, by=None, now=NOW)
        gone.refresh_from_db()
        assert (gone.archived_on, back.customer.archived_on) == (TODAY, None)
        assert back.told == ["Archived or reactivated since, and left so: the days in the archive."]


def test_payer_with_its_pupil(cast: Cast, make_customer: Any) -> None:
    """N8: nobody becomes a contact of their own, and who pays for a third one stays said."""
    pupil, payer, sister = (make_customer(cast.aurora, name) for name in ("Pupil Lima", "Rosa Lima", "Sister Lima"))
    with scope(cast.aurora.pk):
        add(PARTS["contacts"], pupil, other=payer, is_payer=True, by=None, now=NOW)
        add(PARTS["contacts"], sister, other=payer, is_payer=True, by=None, now=NOW)
        add(PARTS["contacts"], sister, other=pupil, by=None, now=NOW)
        before = everything()
        done = merge(pupil, payer, by=None, now=NOW)
        assert list(Contact.objects.values_list("customer", "other", "is_payer")) == [(sister.pk, pupil.pk, True)]
        unmerge(done, by=None, now=NOW)
        assert everything() == before


def test_who_cannot_be_merged(cast: Cast, make_customer: Any) -> None:
    one, next_door = make_customer(cast.aurora), make_customer(cast.boreal)
    with scope(cast.aurora.pk):
        with pytest.raises(CannotMerge, match="itself"):
            merge(one, one, by=None, now=NOW)
        with pytest.raises(CannotMerge, match="not there"):
            merge(one, next_door, by=None, now=NOW)


def test_the_survivor_is_whom_one_chose(cast: Cast, two: tuple[Customer, Customer]) -> None:
    """Twenty #15201: merging picks the record that was chosen, whichever is older or has more."""
    for kept, merged in (two, two[::-1]):
        with scope(cast.aurora.pk):
            done = merge(kept, merged, by=None, now=NOW)
            assert Customer.objects.get().pk == kept.pk
            assert Customer.objects.get().name == kept.name
            unmerge(done, by=None, now=NOW)


def test_no_row_twice_and_none_dropped(cast: Cast, two: tuple[Customer, Customer]) -> None:
    """Odoo #3154, #1650: rows with a unique key are neither dropped nor doubled, and never stop a merge half-way."""
    kept, merged = two
    with scope(cast.aurora.pk):
        for one in two:
            add(PARTS["points"], one, kind="phone", value="+5583911112222", label=one.name, by=None, now=NOW)
        add(PARTS["points"], merged, kind="phone", value="+5583933334444", label="", by=None, now=NOW)
        merge(kept, merged, by=None, now=NOW)
        points = ContactPoint.objects.order_by("value").values_list("value", "label", "customer")
        assert list(points) == [
            ("+5583911112222", "Maria Silva", kept.pk),
            ("+5583933334444", "", kept.pk),
            ("m.silva@example.com", "", kept.pk),
        ]


def test_the_other_account_sees_nothing(cast: Cast, two: tuple[Customer, Customer]) -> None:
    with scope(cast.aurora.pk):
        merge(*two, by=None, now=NOW)
    with scope(cast.boreal.pk):
        assert not CustomerMerge.objects.exists()
        assert not Event.objects.filter(kind="customer.merged").exists()


def test_anonymising_the_survivor_empties_what_the_merged_one_left(
    cast: Cast, two: tuple[Customer, Customer], make_customer: Any
) -> None:
    """N8, product decision 19: nothing of either is left, and nothing brings it back; in a chain too."""
    kept, merged = two
    with scope(cast.aurora.pk):
        first = merge(kept, merged, chosen=["email"], by=None, now=NOW)
    last = make_customer(cast.aurora, "Rosa Lima", registered_on=TODAY)
    with scope(cast.aurora.pk):
        merge(last, kept, by=None, now=NOW)
        request = anonymise(last, by=None, now=NOW)
        assert request.result["searched"]["left"] == {}
        text = json.dumps(everything_with_merges())
        for personal in ("Maria S", "m.silva@example.com", "maria@example.com", "52998224725", "Flores", "Rosa Lima"):
            assert personal not in text
        first.refresh_from_db()
        for one in CustomerMerge.objects.order_by("-id"):
            with pytest.raises(CannotUnmerge):
                unmerge(one, by=None, now=NOW)
        with pytest.raises(CannotMerge, match="anonymised"):
            merge(last, register(cast.aurora, name="Somebody", by=None, now=NOW), by=None, now=NOW)


def everything_with_merges() -> dict[str, list[Any]]:
    found = everything()
    for model in (CustomerMerge, MergedRows):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{model._meta.db_table}" t')
            found[model._meta.label] = [row for (row,) in cursor.fetchall()]
    return found


def test_verify_proves_it(cast: Cast, two: tuple[Customer, Customer]) -> None:
    kept, merged = two
    with scope(cast.aurora.pk):
        merge(kept, merged, by=None, now=NOW)
        assert list(verify.merges()) == []
        assert list(cached_facts()) == []
        Event.objects.filter(customer_id=kept.pk, kind="customer.registered").update(customer_id=merged.pk)
        assert [sentence.rpartition(" is ")[2] for sentence in verify.merges()] == [
            "still named by 2 rows of core.Event.customer_id"
        ]


def test_verify_follows_chains(cast: Cast, make_customer: Any) -> None:
    a, b, c, d = (make_customer(cast.aurora, f"Maria {letter}") for letter in "ABCD")
    with scope(cast.aurora.pk):
        first = merge(b, a, by=None, now=NOW)
        merge(c, b, by=None, now=NOW)
        assert list(verify.merges()) == []
        CustomerMerge.objects.filter(pk=first.pk).update(survivor_id=d.pk)
        assert list(verify.merges()) == [
            f"customer {a.number}, merged, is not found where the one it was merged into went"
        ]


ACTS = ("pay", "invoice", "note", "point", "contact", "archive", "edit", "group", "own")


@settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(st.tuples(st.sampled_from(ACTS), st.booleans(), st.integers(0, 300)), max_size=8),
    chosen=st.sets(st.sampled_from(sorted(CHOICES))),
    wins=st.sampled_from(sorted(WINNERS)),
    swapped=st.booleans(),
)
def test_any_two_come_back(cast: Cast, acts: Any, chosen: set[str], wins: str, swapped: bool) -> None:
    """N8: whatever the two histories are, merge then undo is byte-equal, and amounts never change."""
    with scope(cast.aurora.pk), undone():
        pair = [
            register(cast.aurora, name=f"Maria {n}", registered_on=date(2025, 6, n + 1), by=None, now=NOW)
            for n in range(2)
        ]
        group = make_group(cast.aurora, name="Small", by=None, now=NOW)
        own = add_field(label="Classes", kind="choices", options=["0", "1", "2"], by=None, now=NOW)
        for what, which, amount in acts:
            happen(what, pair[which], pair[not which], group, own, amount)
        finish()
        before, money = everything(), amounts()
        kept, merged = pair[::-1] if swapped else pair
        done = merge(kept, merged, chosen=chosen, own={own.name: wins}, by=None, now=NOW)
        finish()
        assert amounts() == money
        assert list(verify.merges()) == []
        assert list(cached_facts()) == []
        assert list(search_entries()) == list(search_more()) == list(derived_columns()) == []
        unmerge(done, by=None, now=LATER)
        finish()
        assert without_coming_and_going(everything()) == without_coming_and_going(before)


def without_coming_and_going(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The history also tells who joined and left groups on the way; how many there are is theirs."""
    rows["core.Event"] = [row for row in rows["core.Event"] if row["kind"] not in ("group.entered", "group.left")]
    return rows


def amounts() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT sum(amount) FROM billing_payment), (SELECT count(*) FROM billing_payment),
            (SELECT sum(amount - paid_amount) FROM billing_invoice), (SELECT count(*) FROM billing_invoice)"""
        )
        return list(cursor.fetchall())


def happen(what: str, one: Customer, other: Customer, group: Any, own: Field, amount: int) -> None:
    day = TODAY - timedelta(days=amount)
    try:
        with transaction.atomic():
            if what == "pay":
                record_payment(one, amount=amount + 1, paid_on=day, method="pix", by=None, now=NOW)
            elif what == "invoice":
                one_off(one, amount=amount + 1, due_on=day, issue_on=day, by=None, now=NOW)
            elif what == "note":
                add(PARTS["notes"], one, text=f"Note {amount}", by=None, now=NOW)
            elif what == "point":
                add(PARTS["points"], one, kind="email", value=f"m{amount % 3}@example.com", label="", by=None, now=NOW)
            elif what == "contact":
                add(PARTS["contacts"], one, other=other, is_payer=bool(amount % 2), by=None, now=NOW)
            elif what == "archive":
                archive(one, on=day, by=None, now=NOW)
            elif what == "group":
                add_many(group, [one.pk], by=None, now=NOW)
            elif what == "own":
                reading = Reading(one.account, NOW)
                said = clean(own, f"{amount % 3}, {amount % 2}", reading)
                fill(one, own, said, reading=reading, by=None, now=NOW)
            else:
                edit(one, email=f"m{amount % 3}@example.com", street=f"Rua {amount}", by=None, now=NOW)
    except ValueError:
        # Refused by that verb's own rules.
        pass
