"""What rules of groups may ask about money: paid in a time, owed now, how it was paid last (S3-02)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, In, LessThan
from django.utils.translation import gettext_lazy as _

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.billing.models import Invoice, Method, Payment
from carteira.groups.fields import Asked, Kind, Operator, RuleField, fields
from carteira.groups.payment_methods import methods


def _in_days(rows: QuerySet, value: dict[str, Any], asked: Asked) -> QuerySet:
    """Payments of the last so many days, the day asked included; reversals count on their own day."""
    rows = rows.filter(paid_on__lte=asked.view.day)
    return rows if value["days"] is None else rows.filter(paid_on__gt=asked.view.day - timedelta(days=value["days"]))


def _paid_at_least(value: dict[str, Any], asked: Asked) -> Q:
    """One customer's payments are summed up from an index; everybody's in one walk over all payments."""
    if value["amount"] == 0:
        return Q(GreaterThanOrEqual(_paid(value, asked), Value(0)))
    if not asked.many:
        return Q(GreaterThanOrEqual(_paid(value, asked), Value(value["amount"])))
    rows = _in_days(Payment.objects.all(), value, asked).order_by().values("customer_id").annotate(paid=Sum("amount"))
    return Q(pk__in=rows.filter(paid__gte=value["amount"]).values("customer_id"))


def _paid_less(value: dict[str, Any], asked: Asked) -> Q:
    if not asked.many or value["amount"] == 0:
        return Q(LessThan(_paid(value, asked), Value(value["amount"])))
    return ~_paid_at_least(value, asked)


def _paid(value: dict[str, Any], asked: Asked) -> Coalesce:
    own = _in_days(Payment.objects.filter(customer_id=OuterRef("pk")), value, asked).order_by().values("customer_id")
    return Coalesce(Subquery(own.annotate(paid=Sum("amount")).values("paid")), Value(0))


def _leaves(value: dict[str, Any], asked: Asked) -> tuple[()] | None:
    """A payment may leave the days asked about on any day."""
    return () if value["days"] is None else None


def _last_method(value: list[str], asked: Asked) -> Q:
    last = (
        Payment.objects.filter(customer_id=OuterRef("pk"), reverses=None, paid_on__lte=asked.view.day)
        .order_by("-paid_on", "-id")
        .values("method")[:1]
    )
    # Whoever never paid paid by nothing: not by an unknown, which another rule could not deny.
    return Q(In(Coalesce(Subquery(last), Value("")), value))


def _owed_at_least(value: int, asked: Asked) -> Q:
    """Balances of issued invoices, due or not, as they are today. Of everybody in one walk over what is open."""
    rows = Invoice.objects.filter(
        issued_on__isnull=False, settled_on=None, canceled_on=None, deleted_at=None
    ).order_by()
    owed = Sum(F("amount") - F("paid_amount"))
    if asked.many and value > 0:
        owing = rows.values("customer_id").annotate(owed=owed).filter(owed__gte=value)
        return Q(pk__in=owing.values("customer_id"))
    own = rows.filter(customer_id=OuterRef("pk")).values("customer_id").annotate(owed=owed).values("owed")
    return Q(GreaterThanOrEqual(Coalesce(Subquery(own), Value(0)), Value(value)))


def _methods(account: Account) -> Mapping[str, str]:
    return {value: str(label) for value, label in Method.choices}


def register() -> None:
    """Called once, when the room is set up."""
    money = _("Money")
    fields.add(
        "paid",
        RuleField(
            _("Amount paid"),
            {
                "at_least": Operator(_("at least"), Kind.MONEY_IN_DAYS, _paid_at_least, _leaves),
                "less_than": Operator(_("less than"), Kind.MONEY_IN_DAYS, _paid_less, _leaves),
            },
            section=money,
            right=Right.SEE_MONEY,
        ),
        order=30,
    )
    fields.add(
        "owed",
        RuleField(
            _("Open balance"),
            {"at_least": Operator(_("at least"), Kind.MONEY, _owed_at_least)},
            section=money,
            right=Right.SEE_MONEY,
        ),
        order=31,
    )
    fields.add(
        "method",
        RuleField(
            _("Last paid by"),
            {"is": Operator(_("is one of"), Kind.CHOICES, _last_method)},
            options=_methods,
            section=money,
            right=Right.SEE_MONEY,
        ),
        order=32,
    )
    for order, (value, label) in enumerate(Method.choices, 1):
        methods.add(value, label, order=order)
