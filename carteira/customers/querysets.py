"""The life cycle's rule in SQL, for lists and filters. The same rule for one customer: customers.lifecycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable

from carteira.core.walls.models import WalledQuerySet
from carteira.customers.lifecycle import State, View

if TYPE_CHECKING:
    from datetime import date


class CustomerQuerySet(WalledQuerySet):
    def counted(self, view: View) -> CustomerQuerySet:
        """Those who were there by the view's day. Live, everyone is: no fact may lie in the future."""
        return self if view.live else self.filter(counted_from__lte=view.day)

    def in_state(self, state: State, view: View) -> CustomerQuerySet:
        return self.counted(view).filter(_state(state, view))

    def not_archived(self, view: View) -> CustomerQuerySet:
        """The tab All (S0-10)."""
        return self.counted(view).filter(~_archived(view))

    def delinquent(self, view: View) -> CustomerQuerySet:
        """Whoever owes past a due date and is not archived, once each (S2-07, S2-29, S2-30)."""
        return self.not_archived(view).filter(_owes(view))

    def owing(self, view: View) -> CustomerQuerySet:
        """Those with an invoice past its due date on the view's day, archived ones too."""
        return self.filter(_owes(view))

    def paid_since(self, day: date, view: View) -> CustomerQuerySet:
        """Those whose last counting payment, seen from the view's day, was on `day` or later."""
        return self.filter(_paid_since(day, view))

    def paid_before(self, day: date, view: View) -> CustomerQuerySet:
        """Those whose last counting payment, seen from the view's day, was before `day`."""
        return self.filter(_paid_before(day, view))

    def with_last_paid(self, view: View) -> CustomerQuerySet:
        """Adds fact_last_paid_on alone, for sorting."""
        return self.annotate(fact_last_paid_on=_last_paid(view))

    def with_facts(self, view: View) -> CustomerQuerySet:
        """Adds what the rule and its *why* ask: fact_last_paid_on, fact_archived_on, fact_subscribed, fact_owes."""
        return self.annotate(
            fact_last_paid_on=_last_paid(view),
            fact_archived_on=_archived_on(view),
            fact_subscribed=Exists(_spans("subscribed", view.day)),
            fact_owes=_owes(view) if not view.live else Q(oldest_due_on__isnull=False, oldest_due_on__lt=view.day),
        )


def _spans(kind: str, day: date) -> QuerySet:
    """The span of the outer customer that covers a day."""
    span = apps.get_model("customers", "Span")
    return span.objects.filter(customer_id=OuterRef("id"), kind=kind, from_on__lte=day, until_on__gt=day)


def _periods(day: date) -> QuerySet:
    period = apps.get_model("customers", "ArchivePeriod")
    return period.objects.filter(customer_id=OuterRef("id"), from_on__lte=day, until_on__gt=day)


def _last_paid(view: View) -> Combinable:
    return F("last_paid_on") if view.live else Subquery(_spans("paid", view.day).values("since_on")[:1])


def _archived_on(view: View) -> Combinable:
    return F("archived_on") if view.live else Subquery(_periods(view.day).values("from_on")[:1])


def _archived(view: View) -> Q:
    return Q(archived_on__isnull=False) if view.live else Q(Exists(_periods(view.day)))


def _owes(view: View) -> Q:
    return Q(oldest_due_on__lt=view.day) if view.live else Q(Exists(_spans("owes", view.day)))


def _ever_paid(view: View) -> Q:
    if view.live:
        return Q(last_paid_on__isnull=False)
    return Q(Exists(_spans("paid", view.day).filter(since_on__isnull=False)))


def _paid_since(day: date, view: View) -> Q:
    if view.live:
        return Q(last_paid_on__gte=day)
    # A span begins on or after the payment it tells of, so only spans begun since then can tell of such a payment.
    return Q(Exists(_spans("paid", view.day).filter(from_on__gte=day, since_on__gte=day)))


def _paid_before(day: date, view: View) -> Q:
    if view.live:
        return Q(last_paid_on__lt=day)
    return Q(Exists(_spans("paid", view.day).filter(since_on__lt=day)))


def _state(state: State, view: View) -> Q:
    if state == State.ARCHIVED:
        return _archived(view)
    if view.rule.kind == "subscription":
        subscribed = Q(Exists(_spans("subscribed", view.day)))
        ever = _ever_paid(view) | Q(first_subscribed_on__lte=view.day)
        rule = {State.ACTIVE: subscribed, State.LEAD: ~subscribed & ~ever, State.INACTIVE: ~subscribed & ever}[state]
    else:
        rule = {
            State.ACTIVE: _paid_since(view.active_since, view),
            State.LEAD: Q(last_paid_on=None) if view.live else ~_ever_paid(view),
            State.INACTIVE: _paid_before(view.active_since, view),
        }[state]
    return ~_archived(view) & rule
