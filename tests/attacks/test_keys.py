"""Keys of forms are written by whoever sends them (A1, A7): another row's id is refused with a sentence."""

from carteira.billing.models import Payment
from carteira.core.walls import scope
from conftest import TODAY, Cast


def test_a_reversal_under_the_id_of_a_payment(cast: Cast, make_customer: object) -> None:
    make_customer(cast.aurora, paid=[(TODAY, 10_000), (TODAY, 500)])  # type: ignore[operator]
    with scope(cast.aurora.pk):
        payment, other = Payment.objects.order_by("-amount")
    form = {"kind": "owed", "amount": "1,00", "on": TODAY.isoformat(), "key": str(other.pk)}
    answer = cast.client(cast.beto).post(f"/aurora/billing/payments/{payment.pk}/reverse/", form)
    assert answer.status_code == 422
    with scope(cast.aurora.pk):
        assert Payment.objects.count() == 2


def test_a_reversal_under_an_id_of_another_business(cast: Cast, make_customer: object) -> None:
    """Ids are unique within their business: the twin's is as free as any, and tells nothing."""
    for account in (cast.aurora, cast.boreal):
        make_customer(account, paid=[(TODAY, 10_000)])  # type: ignore[operator]
    with scope(cast.boreal.pk):
        theirs = Payment.objects.get()
    with scope(cast.aurora.pk):
        own = Payment.objects.get()
    form = {"kind": "owed", "amount": "1,00", "on": TODAY.isoformat(), "key": str(theirs.pk)}
    assert cast.client(cast.beto).post(f"/aurora/billing/payments/{own.pk}/reverse/", form).status_code == 302
    with scope(cast.boreal.pk):
        assert Payment.objects.get().amount == 10_000
