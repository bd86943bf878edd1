"""What rules may ask about the customer itself: state, debts, payments, place, registration, people."""

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import DateField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from carteira.accounts.models import Account, Membership
from carteira.core import people
from carteira.customers.lifecycle import STATE_NAMES, State
from carteira.customers.models import ArchivePeriod, Customer, Span
from carteira.customers.querysets import never_paid, owes, paid_before, paid_since, state_is
from carteira.groups.fields import Asked, Kind, Operator, RuleField, fields
from carteira.groups.rules import NOBODY

_IS, _IS_NOT = _("is"), _("is not")
_LIVING = (State.LEAD, State.ACTIVE, State.INACTIVE)


def _states(account: Account) -> Mapping[str, str]:
    return {str(state): str(STATE_NAMES[state]) for state in _LIVING}


def _in_states(value: Sequence[str], asked: Asked) -> Q:
    found = Q()
    for name in value:
        found |= state_is(State(name), asked.view)
    return found


def _state_flips(value: Any, asked: Asked) -> Sequence[tuple[str, int]] | None:
    if asked.view.rule.kind == "subscription":
        return None
    return (("last_paid_on", asked.view.rule.days + 1),)


def _state_for(value: int, asked: Asked) -> Q:
    """In its state on every one of the last `value` days, the day asked included.

    A lead since the customer counts, as long as nobody paid. Inactive since the day after the last payment's days ran
    out. Active unless the days of a payment ran out within that time, before the next one came.
    """
    view = asked.view
    begun = view.day - timedelta(days=value)
    if view.rule.kind == "subscription":
        return _subscription_for(begun, asked)
    days = view.rule.days
    lead = never_paid(view) & Q(counted_from__lte=begun)
    inactive = paid_before(begun - timedelta(days=days), view)
    spans = Span.objects.filter(customer_id=OuterRef("id"), kind="paid")
    covered = Exists(spans.filter(from_on__lte=begun, until_on__gt=begun, since_on__gte=begun - timedelta(days=days)))
    # A payment whose days ended within the time, on a day it was still the last one.
    ended = ExpressionWrapper(F("since_on") + Value(days + 1), output_field=DateField())
    ran_out = Exists(
        spans.filter(until_on__gt=begun, since_on__lt=view.day - timedelta(days=days)).filter(until_on__gt=ended)
    )
    return lead | inactive | (Q(covered) & ~Q(ran_out) & paid_since(view.active_since, view))


def _subscription_for(begun: date, asked: Asked) -> Q:
    view = asked.view
    spans = Span.objects.filter(customer_id=OuterRef("id"), kind="subscribed")
    whole = Exists(spans.filter(from_on__lte=begun, until_on__gt=view.day))
    none = ~Exists(spans.filter(from_on__lte=view.day, until_on__gt=begun))
    return Q(whole) | (Q(none) & Q(counted_from__lte=begun))


def _archived_before(value: None, asked: Asked) -> Q:
    """Left once and came back."""
    return Q(Exists(ArchivePeriod.objects.filter(customer_id=OuterRef("id"), until_on__lte=asked.view.day)))


def _owes_for(value: int, asked: Asked) -> Q:
    """Something has been overdue for more than so many days, without a break."""
    if asked.view.live:
        return Q(oldest_due_on__lt=asked.view.day - timedelta(days=value))
    spans = Span.objects.filter(customer_id=OuterRef("id"), kind="owes", until_on__gt=asked.view.day)
    return Q(Exists(spans.filter(from_on__lte=asked.view.day - timedelta(days=value))))


def _in_groups(value: Sequence[str], asked: Asked) -> Q:
    found = NOBODY
    for id in value:
        found |= asked.group(UUID(id))
    return found


def _is_in(value: Sequence[str], groups: Container[UUID]) -> bool:
    return any(UUID(id) in groups for id in value)


def _back(value: int, asked: Asked) -> date:
    return asked.view.day - timedelta(days=value)


def _paid_flips(value: int, asked: Asked) -> Sequence[tuple[str, int]]:
    return (("last_paid_on", value + 1),)


def _text(column: str, form: Callable[[str, Account], str]) -> Mapping[str, Operator]:
    """Equality of one text column, in the form it is stored or sorted by."""
    return {
        "is": Operator(_IS, Kind.TEXT, lambda value, asked: Q(**{column: form(value, asked.account)})),
        "is_not": Operator(_IS_NOT, Kind.TEXT, lambda value, asked: ~Q(**{column: form(value, asked.account)})),
        "empty": Operator(_("is empty"), Kind.NOTHING, lambda value, asked: Q(**{column: ""})),
    }


def _choices(column: str, *, empty: bool = False) -> Mapping[str, Operator]:
    found = {
        "is": Operator(_("is one of"), Kind.CHOICES, lambda value, asked: Q(**{f"{column}__in": value})),
        # Whoever has none is not among them.
        "is_not": Operator(_("is none of"), Kind.CHOICES, lambda value, asked: _not_among(column, value)),
    }
    if empty:
        found["empty"] = Operator(_("is empty"), Kind.NOTHING, lambda value, asked: Q(**{f"{column}__isnull": True}))
    return found


def _not_among(column: str, value: Sequence[str]) -> Q:
    return Q(**{f"{column}__isnull": True}) | ~Q(**{f"{column}__in": value})


def _days(column: str) -> Mapping[str, Operator]:
    """A date column against days and dates."""
    return {
        "within": Operator(
            _("within the last (days)"),
            Kind.DAYS,
            lambda value, asked: Q(**{f"{column}__gte": _back(value, asked)}),
            lambda value, asked: ((column, value + 1),),
        ),
        "longer_ago": Operator(
            _("longer ago than (days)"),
            Kind.DAYS,
            lambda value, asked: Q(**{f"{column}__lt": _back(value, asked)}),
            lambda value, asked: ((column, value + 1),),
        ),
        "from": Operator(_("on or after"), Kind.DAY, lambda value, asked: Q(**{f"{column}__gte": value})),
        "until": Operator(_("on or before"), Kind.DAY, lambda value, asked: Q(**{f"{column}__lte": value})),
    }


def _people(account: Account) -> Mapping[str, str]:
    members = Membership.objects.filter(account=account).select_related("user")
    return {str(member.user_id): str(member.user) for member in members}


def _region(text: str, account: Account) -> str:
    """As customers keep it: "São Paulo" is SP."""
    try:
        return people.clean_state(text, account.country)
    except ValidationError:
        return text


def register() -> None:
    """Called once, when the room is set up."""
    activity, person, belonging = _("Activity"), _("Customer"), _("Belonging")
    own = {
        "state": RuleField(
            _("State"),
            {
                "is": Operator(_("is one of"), Kind.CHOICES, _in_states, _state_flips),
                "for": Operator(_("unchanged for at least (days)"), Kind.DAYS, _state_for, lambda value, asked: None),
            },
            options=_states,
            section=activity,
        ),
        "delinquent": RuleField(
            _("Delinquent"),
            {
                "yes": Operator(
                    _("yes"),
                    Kind.NOTHING,
                    lambda value, asked: owes(asked.view),
                    lambda value, asked: (("oldest_due_on", 1),),
                ),
                "no": Operator(
                    _("no"),
                    Kind.NOTHING,
                    lambda value, asked: ~owes(asked.view),
                    lambda value, asked: (("oldest_due_on", 1),),
                ),
                "for": Operator(
                    _("for more than (days)"),
                    Kind.DAYS,
                    _owes_for,
                    lambda value, asked: (("oldest_due_on", value + 1),),
                ),
            },
            section=activity,
        ),
        "last_payment": RuleField(
            _("Last payment"),
            {
                "within": Operator(
                    _("within the last (days)"),
                    Kind.DAYS,
                    lambda value, asked: paid_since(_back(value, asked), asked.view),
                    _paid_flips,
                ),
                "longer_ago": Operator(
                    _("longer ago than (days)"),
                    Kind.DAYS,
                    lambda value, asked: paid_before(_back(value, asked), asked.view),
                    _paid_flips,
                ),
                "never": Operator(_("never"), Kind.NOTHING, lambda value, asked: never_paid(asked.view)),
            },
            section=activity,
        ),
        "registered": RuleField(_("Registered"), _days("registered_on"), section=person),
        "came_back": RuleField(
            _("Came back from the archive"),
            {"yes": Operator(_("yes"), Kind.NOTHING, _archived_before, lambda value, asked: None)},
            section=activity,
        ),
        "kind": RuleField(
            _("Person or company"), _choices("kind"), lambda account: _named(Customer.Kind.choices), person
        ),
        "city": RuleField(_("City"), _text("city_sort", lambda text, account: people.city_sort(text)), section=person),
        "region": RuleField(_("State or province"), _text("state", _region), section=person),
        "source": RuleField(_("Source"), _text("source", lambda text, account: text), section=person),
        "owner": RuleField(_("In charge"), _choices("owner_id", empty=True), _people, person),
        "group": RuleField(
            _("Group"),
            {
                "in": Operator(_("is in one of"), Kind.GROUPS, _in_groups, among=_is_in),
                "not_in": Operator(
                    _("is in none of"),
                    Kind.GROUPS,
                    lambda value, asked: ~_in_groups(value, asked),
                    among=lambda value, groups: not _is_in(value, groups),
                ),
            },
            section=belonging,
        ),
    }
    for order, (name, field) in enumerate(own.items(), 1):
        fields.add(name, field, order=order)


def _named(choices: Any) -> Mapping[str, str]:
    return {value: str(label) for value, label in choices}
