"""M4 as a property: whatever is paid, taken back, refunded and canceled in whatever order, caches = a naive sum."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carteira.billing.cancel import CannotCancel, cancel_invoice, restore_invoice
from carteira.billing.issue import invoice_once
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import CannotPay, CannotReverse, record_payment, reverse_payment, undo_payment
from carteira.billing.settle_many import settle_many
from carteira.billing.tests.moments import at
from carteira.billing.verify import effective_due_days, invoice_caches, numbers, payment_rows
from carteira.core.walls import scope
from carteira.customers import verify as customers_verify
from carteira.customers.register import register
from conftest import examples, undone

START, END = date(2026, 11, 1), date(2026, 11, 20)

steps = st.lists(
    st.tuples(
        st.sampled_from(("pay", "pay", "pay", "one-off", "back", "back", "refund", "undo", "cancel", "restore")),
        st.integers(0, 18),  # on which day of November
        st.integers(1, 6),  # amount
    ),
    max_size=10,
)


def naive(invoice):
    """(paid, settled on) by walking the days."""
    entries = [p for p in Payment.objects.filter(invoice=invoice) if p.reverses_id is None or p.owed_again]
    settled = None
    for day in (START + timedelta(n) for n in range((END - START).days + 1)):
        paid = sum(p.amount for p in entries if p.paid_on <= day)
        settled = None if paid < invoice.amount else settled or day
    return sum(p.amount for p in entries), settled


def act(customer, name, day, amount):
    options = {"by": None, "now": at(END)}
    invoice = Invoice.objects.filter(amount=10).get()
    payment = Payment.objects.filter(reverses=None).order_by("-recorded_at", "-pk").first()
    try:
        if name == "pay":
            record_payment(customer, amount=amount, paid_on=day, method="pix", invoice=invoice, **options)
        elif name == "one-off":
            record_payment(customer, amount=amount, paid_on=day, method="pix", **options)
        elif name == "cancel":
            cancel_invoice(invoice, reason="x", on=day, **options)
        elif name == "restore":
            restore_invoice(invoice, **options)
        elif payment and name == "undo":
            undo_payment(payment, **options)
        elif payment:
            part = amount if amount < payment.amount else None
            reverse_payment(payment, amount=part, on=max(day, payment.paid_on), owed_again=name == "back", **options)
    except (CannotPay, CannotReverse, CannotCancel):
        pass  # A refusal changes nothing: what follows proves it.


@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=(HealthCheck.function_scoped_fixture, HealthCheck.too_slow),
)
@given(history=steps)
def test_caches_are_what_the_payments_say(cast, history):
    """paid_amount and settled_on after every history = walking the days; the verifiers and the bulk twin agree."""
    with scope(cast.aurora.pk), undone():
        customer = register(cast.aurora, by=None, now=at(START), name="Maria")
        invoice_once(customer, amount=10, due_on=date(2026, 11, 7), by=None, now=at(START))
        for name, days, amount in history:
            act(customer, name, START + timedelta(days), amount)
        for invoice in Invoice.objects.all():
            assert (invoice.paid_amount, invoice.settled_on) == naive(invoice)
            assert (
                sum(p.amount for p in Payment.objects.filter(invoice=invoice)) <= invoice.paid_amount <= invoice.amount
            )
        for check in (invoice_caches, numbers, effective_due_days, payment_rows, customers_verify.cached_facts):
            assert list(check()) == []
        stored = list(Invoice.objects.order_by("pk").values_list("paid_amount", "settled_on"))
        settle_many("SELECT invoice_id FROM billing_payment WHERE account_id = %(account)s")
        assert list(Invoice.objects.order_by("pk").values_list("paid_amount", "settled_on")) == stored
