"""The life cycle's rule in SQL, for lists and filters. The same rule for one customer: customers.lifecycle."""

from __future__ import annotations

from datetime import date
from django.apps import apps
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from carteira.core.walls.models import WalledQuerySet
from carteira.customers.lifecycle import State, View


class CustomerQuerySet(WalledQuerySet):
    def counted(self, view: View) -> CustomerQuerySet:
        """Those who were there by the view's day. Live, everyone is: no fact may lie in the future."""
        return self if view.live else self.filter(counted_from__lte=view.day)

    def in_state(self, state: State, view: View, *, few: bool = False) -> CustomerQuerySet:
        """`few`: hardly anybody is in that state on that past day. The same customers, found from the spans that begin
        or end around the day instead of by asking one customer after the other."""
        rule = _few_in_state(state, view) if few else None
        return self.counted(view).filter(_state(state, view) if rule is None else rule)

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

    def never_paid(self, view: View) -> CustomerQuerySet:
        """Those without a counting payment by the view's day."""
        return self.filter(_never_paid(view))

    def by_last_payment(self, view: View, *, since: date | None = None, before: date | None = None) -> CustomerQuerySet:
        """Those with a counting payment by the view's day, the last of them in [since, before), and `paid_on` to sort
        by. As of a past day it runs along the spans in order of their payment."""
        if view.live:
            found = self.filter(last_paid_on__isnull=False).annotate(paid_on=F("last_paid_on"))
        else:
            found = self.filter(
                spans__kind="paid",
                spans__from_on__lte=view.day,
                spans__until_on__gt=view.day,
                spans__since_on__lte=view.day,
            ).annotate(paid_on=F("spans__since_on"))
        if since is not None:
            found = found.filter(paid_on__gte=since)
        return found if before is None else found.filter(paid_on__lt=before)

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
    if view.live:
        return F("last_paid_on")
    # A customer's paid spans follow each other without a gap: the last one begun by the day is the one that covers it.
    span = apps.get_model("customers", "Span")
    begun = span.objects.filter(customer_id=OuterRef("id"), kind="paid", from_on__lte=view.day)
    return Subquery(begun.order_by("-from_on").values("since_on")[:1])


def _archived_on(view: View) -> Combinable:
    return F("archived_on") if view.live else Subquery(_periods(view.day).values("from_on")[:1])


def _archived(view: View) -> Q:
    return Q(archived_on__isnull=False) if view.live else Q(Exists(_periods(view.day)))


def _owes(view: View) -> Q:
    return Q(oldest_due_on__lt=view.day) if view.live else Q(Exists(_spans("owes", view.day)))


def _never_paid(view: View) -> Q:
    if view.live:
        return Q(last_paid_on=None)
    # Who had paid, but whose payments had all been taken back by then: very few, so read once.
    span = apps.get_model("customers", "Span")
    taken_back = span.objects.filter(kind="paid", since_on=None, from_on__lte=view.day, until_on__gt=view.day)
    return Q(first_paid_on=None) | Q(first_paid_on__gt=view.day) | Q(id__in=taken_back.values("customer_id"))


def _paid_since(day: date, view: View) -> Q:
    return Q(last_paid_on__gte=day) if view.live else Q(GreaterThanOrEqual(_last_paid(view), day))


def _paid_before(day: date, view: View) -> Q:
    return Q(last_paid_on__lt=day) if view.live else Q(LessThan(_last_paid(view), day))


def _state(state: State, view: View) -> Q:
    if state == State.ARCHIVED:
        return _archived(view)
    if view.rule.kind == "subscription":
        subscribed = Q(Exists(_spans("subscribed", view.day)))
        never = _never_paid(view) & (Q(first_subscribed_on=None) | Q(first_subscribed_on__gt=view.day))
        rule = {State.ACTIVE: subscribed, State.LEAD: ~subscribed & never, State.INACTIVE: ~subscribed & ~never}[state]
    else:
        rule = {
            State.ACTIVE: _paid_since(view.active_since, view),
            State.LEAD: _never_paid(view),
            State.INACTIVE: _paid_before(view.active_since, view),
        }[state]
    return ~_archived(view) & rule


def _few_in_state(state: State, view: View) -> Q | None:
    """The same rule, for active and inactive by payment as of a past day, starting from the payments of the window."""
    if view.live or view.rule.kind != "payment" or state not in (State.ACTIVE, State.INACTIVE):
        return None
    span = apps.get_model("customers", "Span")
    lately = span.objects.filter(
        kind="paid", since_on__gte=view.active_since, from_on__lte=view.day, until_on__gt=view.day
    ).values("customer_id")
    if state == State.ACTIVE:
        return ~_archived(view) & Q(id__in=lately)
    return ~_archived(view) & ~_never_paid(view) & ~Q(id__in=lately)
