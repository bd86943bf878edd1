"""N8: merges and undos in any order, with life going on between them, lose nothing and never change an amount."""

import itertools
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carteira.billing.issue import invoice_once
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import record_payment
from carteira.billing.verify import invoice_caches, numbers
from carteira.core.walls import scope
from carteira.core.walls.scope import finish
from carteira.customers.archive import archive
from carteira.customers.edit import edit
from carteira.customers.fields.define import add_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.values import Reading, clean
from carteira.customers.merge import verify
from carteira.customers.merge.merge import merge
from carteira.customers.merge.review import dismiss
from carteira.customers.merge.take_out import take_out
from carteira.customers.merge.unmerge import unmerge
from carteira.customers.models import Customer, CustomerMerge, DuplicatePair, Note
from carteira.customers.parts import PARTS, add
from carteira.customers.register import register
from carteira.customers.verify import cached_facts, derived_columns, one_state_each, search_entries, search_more
from carteira.groups.belong import add_many
from carteira.groups.make import make_group
from conftest import NOW, TODAY, Cast, examples, undone

PEOPLE = 4
DOING = (
    "pay",
    "invoice",
    "settle",
    "note",
    "email",
    "phone",
    "contact",
    "payer",
    "archive",
    "edit",
    "group",
    "own",
    "apart",
)
ACTS = st.one_of(
    st.tuples(st.just("merge"), st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)),
    st.tuples(st.just("unmerge"), st.integers(0, 3), st.just(0)),
    st.tuples(st.sampled_from(DOING), st.integers(0, PEOPLE - 1), st.integers(0, 300)),
)


class World:
    """Four customers; `nth` means whoever that one is part of now. `said` remembers on whose card a row was made."""

    def __init__(self, account: Any) -> None:
        self.account = account
        self.group = make_group(account, name="Small", by=None, now=NOW)
        self.own = add_field(label="Classes", kind="choices", options=["0", "1", "2"], by=None, now=NOW)
        self.people = [
            register(
                account,
                name=f"Maria {n}",
                code=f"C{n}",
                phone=f"+558398888777{n % 2}",
                registered_on=TODAY - timedelta(400 + n),
                by=None,
                now=NOW,
            ).pk
            for n in range(PEOPLE)
        ]
        self.notes: dict[Any, Any] = {}
        self.ticks = itertools.count(1)
        self.refused: list[tuple[str, int, str]] = []

    def now(self) -> Any:
        return NOW + timedelta(minutes=next(self.ticks))

    def who(self, nth: int) -> Customer:
        id = self.people[nth]
        merged = CustomerMerge.objects.filter(merged_id=id, undone_at=None).first()
        return Customer.objects.get(pk=merged.survivor_id if merged else id)

    def do(self, what: str, one: int, other: int) -> None:
        now = self.now()
        try:
            with transaction.atomic():
                if what == "merge":
                    merge(self.who(one), self.who(other), by=None, now=now)
                elif what == "unmerge":
                    self.undo(one, now)
                else:
                    self.live(what, self.who(one), other, now)
        except ValueError as refusal:
            self.refused.append((what, one, str(refusal)))

    def undo(self, nth: int, now: Any) -> None:
        open_ones = list(CustomerMerge.objects.filter(undone_at=None).order_by("-id"))
        if nth < len(open_ones):
            take_out(open_ones[nth], by=None, now=now)

    def live(self, what: str, one: Customer, number: int, now: Any) -> None:
        day, options = TODAY - timedelta(days=number), {"by": None, "now": now}
        if what == "pay":
            record_payment(one, amount=number + 1, paid_on=day, method="pix", **options)
        elif what == "invoice":
            invoice_once(one, amount=number + 1, due_on=day, issue_on=day, **options)
        elif what == "settle":
            invoice = Invoice.objects.filter(customer=one).order_by("id").first()
            if invoice is not None:
                record_payment(one, amount=1, paid_on=TODAY, method="pix", invoice=invoice, **options)
        elif what == "note":
            self.notes[add(PARTS["notes"], one, text=f"Note {number}", **options).pk] = one.pk
        elif what == "email":
            add(PARTS["points"], one, kind="email", value=f"m{number % 3}@example.com", label="", **options)
        elif what == "phone":
            add(PARTS["points"], one, kind="phone", value=f"+558398888777{number % 3}", label="", **options)
        elif what in ("contact", "payer"):
            add(PARTS["contacts"], one, other=self.who(number % PEOPLE), is_payer=what == "payer", **options)
        elif what == "archive":
            archive(one, on=day, **options)
        elif what == "edit":
            edit(one, email=f"m{number % 3}@example.com", street=f"Rua {number % 2}", **options)
        elif what == "group":
            add_many(self.group, [one.pk], **options)
        elif what == "own":
            reading = Reading(self.account, now)
            fill(one, self.own, clean(self.own, f"{number % 3}, {number % 2}", reading), reading=reading, **options)
        else:
            dismiss(DuplicatePair.objects.values_list("pk", flat=True)[:1], **options)


def rows() -> dict[str, Any]:
    """What neither a merge nor an undo may change."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT count(*) FROM billing_payment), (SELECT sum(amount) FROM billing_payment),
            (SELECT count(*) FROM billing_invoice), (SELECT sum(amount) FROM billing_invoice),
            (SELECT sum(paid_amount) FROM billing_invoice), (SELECT count(*) FROM customers_note)"""
        )
        return dict(enumerate(cursor.fetchone()))


def proofs() -> list[str]:
    checks = (
        verify.merges,
        cached_facts,
        search_entries,
        search_more,
        derived_columns,
        one_state_each,
        invoice_caches,
        numbers,
    )
    return [str(one) for check in checks for one in check()]


@settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=4, max_size=22))
def test_whatever_happens_between(cast: Cast, acts: list[tuple[str, int, int]]) -> None:
    """N8: after every merge and undo all amounts and rows are what they were, and everything derived follows; in the end
    all can be undone, the last first, and everybody has what was said on their own card."""
    with scope(cast.aurora.pk), undone():
        world = World(cast.aurora)
        for what, one, other in acts:
            before = rows()
            world.do(what, one, other)
            finish()
            if what in ("merge", "unmerge"):
                assert rows() == before, what
                assert proofs() == [], what
        assert [told for told in world.refused if "add up" in told[2]] == []
        assert [told for told in world.refused if told[0] == "unmerge"] == [], "every merge can be undone, in any order"
        for done in CustomerMerge.objects.filter(undone_at=None).order_by("-id"):
            before = rows()
            unmerge(done, by=None, now=world.now())
            finish()
            assert rows() == before
        assert proofs() == []
        assert set(Customer.objects.values_list("pk", flat=True)) == set(world.people)
        assert dict(Note.objects.values_list("pk", "customer")) == world.notes
        assert sorted(Customer.objects.values_list("code", flat=True)) == [f"C{n}" for n in range(PEOPLE)]
        for invoice in Invoice.objects.all():
            assert set(Payment.objects.filter(invoice=invoice).values_list("customer", flat=True)) <= {
                invoice.customer_id
            }
