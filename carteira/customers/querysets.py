"""The life cycle's rule in SQL, for lists and filters. The same rule for one customer: customers.lifecycle."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from carteira.core.walls.models import WalledQuerySet
from carteira.core.walls.scope import require_account_id
from carteira.customers.lifecycle import State, View


class CustomerQuerySet(WalledQuerySet):
    def counted(self, view: View) -> CustomerQuerySet:
        """Those who were there by the view's day. Live, everyone is: no fact may lie in the future."""
        return self if view.live else self.filter(counted_from__lte=view.day)

    def in_state(self, state: State, view: View, *, few: bool = False) -> CustomerQuerySet:
        """`few`: hardly anybody is in that state on that past day. The same customers, found from the spans around
        the day instead of by asking one customer after the other."""
        return self.counted(view).filter(_few_in_state(state, view) if few else state_is(state, view))

    def not_archived(self, view: View) -> CustomerQuerySet:
        """The tab All (S0-10)."""
        return self.counted(view).filter(~_archived(view))

    def delinquent(self, view: View) -> CustomerQuerySet:
        """Whoever owes past a due date and is not archived, once each (S2-07, S2-29, S2-30)."""
        return self.not_archived(view).filter(owes(view))

    def owing(self, view: View, *, few: bool = False) -> CustomerQuerySet:
        """Those with an invoice past its due date on the view's day, archived ones too. `few`: see `in_state`."""
        return self.filter(among(_covering("owes", view.day)) if few and not view.live else owes(view))

    def paid_since(self, day: date, view: View) -> CustomerQuerySet:
        """Those whose last counting payment, seen from the view's day, was on `day` or later."""
        return self.filter(paid_since(day, view))

    def paid_before(self, day: date, view: View) -> CustomerQuerySet:
        """Those whose last counting payment, seen from the view's day, was before `day`."""
        return self.filter(paid_before(day, view))

    def never_paid(self, view: View) -> CustomerQuerySet:
        """Those without a counting payment by the view's day."""
        return self.filter(never_paid(view))

    def by_last_payment(
        self, view: View, *, since: date | None = None, before: date | None = None, few: bool = False
    ) -> CustomerQuerySet:
        """Those with a counting payment by the view's day, the last of them in [since, before); `paid_on` and `paid_id`
        to sort by. As of a past day it runs along the spans in order of their payment, unless `few` are asked for."""
        if view.live:
            found = self.filter(last_paid_on__isnull=False).annotate(paid_on=F("last_paid_on"), paid_id=F("id"))
        elif few:
            found = self.filter(~never_paid(view)).annotate(paid_on=_last_paid(view), paid_id=F("id"))
        else:
            spans = {"kind": "paid", "from_on__lte": view.day, "until_on__gt": view.day, "since_on__lte": view.day}
            found = self.filter(**{f"spans__{name}": value for name, value in spans.items()})
            found = found.annotate(paid_on=F("spans__since_on"), paid_id=F("spans__customer_id"))
        if since is not None:
            found = found.filter(paid_on__gte=since)
        return found if before is None else found.filter(paid_on__lt=before)

    def by_own_field(self, field: UUID, column: str, *, blank: bool, one: str = "") -> CustomerQuerySet:
        """Those of whom an own field says something (`blank`: nothing), `own_key` and `own_id` to sort by: along the
        index of that typed column. `one`: of several values the "first" or the "last" counts; the others are passed by,
        each after one probe."""
        says = {f"{column}__isnull": False, "field_id": field}
        if blank:
            values = apps.get_model("customers", "FieldValue").objects.filter(customer_id=OuterRef("id"), **says)
            return self.filter(~Exists(values))
        there = {f"own_values__{name}": value for name, value in says.items()}
        found = self.filter(own_values__account_id=require_account_id(), **there)
        found = found.annotate(own_key=F(f"own_values__{column}"), own_id=F("own_values__customer_id"))
        if one:
            beyond = {"first": "lt", "last": "gt"}[one]
            values = apps.get_model("customers", "FieldValue").objects.filter(customer_id=OuterRef("own_id"), **says)
            found = found.filter(~Exists(values.filter(**{f"{column}__{beyond}": OuterRef("own_key")})))
        return found

    def gone_for(self, reason: str, view: View) -> CustomerQuerySet:
        """The archived who left for a reason (churn or lost, S0-14): the one a person said, else the one their history
        gives as of the view's day."""
        said = _archive_periods(view.day).exclude(reason="")
        spans = _span().objects.filter(customer_id=OuterRef("id"), kind="subscribed", from_on__lte=view.day)
        bought = ~never_paid(view) | Q(Exists(spans))
        derived = ~Q(id__in=said.values("customer_id")) & (bought if reason == "churn" else ~bought)
        given = Q(id__in=said.filter(reason=reason).values("customer_id"))
        return self.counted(view).filter(_archived(view)).filter(given | derived)

    def with_facts(self, view: View) -> CustomerQuerySet:
        """Adds what the rule and its *why* ask: fact_last_paid_on, fact_archived_on, fact_subscribed, fact_owes."""
        return self.annotate(
            fact_last_paid_on=_last_paid(view),
            fact_archived_on=_archived_on(view),
            fact_subscribed=Exists(_spans("subscribed", view.day)),
            fact_owes=owes(view) if not view.live else Q(oldest_due_on__isnull=False, oldest_due_on__lt=view.day),
        )


def _span() -> Any:
    return apps.get_model("customers", "Span")


def _covering(kind: str, day: date) -> QuerySet:
    """Everybody's spans that cover a day."""
    return _span().objects.filter(kind=kind, from_on__lte=day, until_on__gt=day)


def _archive_periods(day: date) -> QuerySet:
    return apps.get_model("customers", "ArchivePeriod").objects.filter(from_on__lte=day, until_on__gt=day)


def _spans(kind: str, day: date) -> QuerySet:
    """The span of the outer customer that covers a day."""
    return _covering(kind, day).filter(customer_id=OuterRef("id"))


def _periods(day: date) -> QuerySet:
    return _archive_periods(day).filter(customer_id=OuterRef("id"))


def among(rows: QuerySet, key: str = "id") -> Q:
    """The customers of some rows; with `key`, other rows of theirs. As an array read beforehand: the plan then starts from these few customers."""
    return Q(_IsAnyOf(F(key), ArraySubquery(rows.values("customer_id"))))


def among_sql(ids: str, parameters: tuple[Any, ...], key: str = "id") -> Q:
    """Those whose ids some SQL selects, read beforehand as well."""
    return Q(_IsAnyOf(F(key), RawSQL(f"ARRAY({ids})", parameters)))


class Each(Q):
    """A condition that may be asked of each customer by one probe. Whoever walks along an order in which the planner guesses
    wrong (of one own field's values among those of all) asks it `one_by_one`; elsewhere it may be joined."""

    @property
    def one_by_one(self) -> Q:
        return Q(_IsTrue(ExpressionWrapper(Q(self), output_field=BooleanField())))


class _IsTrue(Func):
    template = "(%(expressions)s) IS TRUE"
    output_field = BooleanField()


class _IsAnyOf(Func):
    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def _last_paid(view: View) -> Combinable:
    if view.live:
        return F("last_paid_on")
    # Whoever has not paid since then, and had nothing taken back since then, has the same last payment today.
    same = Q(last_paid_on__lte=view.day) & ~Q(id__in=_taken_back_after(view.day))
    # Else one index probe: paid spans follow each other without a gap, so the last one begun by the day covers it.
    begun = _span().objects.filter(customer_id=OuterRef("id"), kind="paid", from_on__lte=view.day)
    asked = Subquery(begun.order_by("-from_on").values("since_on")[:1])
    return Case(When(same, then=F("last_paid_on")), When(first_paid_on__lte=view.day, then=asked))


def _archived_on(view: View) -> Combinable:
    return F("archived_on") if view.live else Subquery(_periods(view.day).values("from_on")[:1])


def _archived(view: View) -> Q:
    return Q(archived_on__isnull=False) if view.live else Q(Exists(_periods(view.day)))


def owes(view: View) -> Q:
    return Q(oldest_due_on__lt=view.day) if view.live else Q(Exists(_spans("owes", view.day)))


def never_paid(view: View) -> Q:
    if view.live:
        return Q(last_paid_on=None)
    # Who had paid, but whose payments had all been taken back by then: very few, so read once.
    taken_back = _taken_back().filter(since_on=None, from_on__lte=view.day, until_on__gt=view.day)
    return Q(first_paid_on=None) | Q(first_paid_on__gt=view.day) | Q(id__in=taken_back.values("customer_id"))


def _taken_back() -> QuerySet:
    """Paid spans that begin with a payment taken back: the last one that counts lies further back, or there is none."""
    return _span().objects.filter(Q(since_on=None) | Q(since_on__lt=F("from_on")), kind="paid")


def _taken_back_after(day: date) -> QuerySet:
    return _taken_back().filter(from_on__gt=day).values("customer_id")


def paid_since(day: date, view: View) -> Q:
    if view.live:
        return Q(last_paid_on__gte=day)
    # Whoever paid so lately as of then has a last payment no earlier today, unless some were taken back since.
    possible = Q(last_paid_on__gte=day) | Q(id__in=_taken_back_after(view.day))
    return possible & Q(GreaterThanOrEqual(_last_paid(view), day))


def paid_before(day: date, view: View) -> Q:
    if view.live:
        return Q(last_paid_on__lt=day)
    return Q(first_paid_on__lt=day) & Q(LessThan(_last_paid(view), day))


def state_is(state: State, view: View) -> Q:
    if state == State.ARCHIVED:
        return _archived(view)
    if view.rule.kind == "subscription":
        subscribed = Q(Exists(_spans("subscribed", view.day)))
        never = never_paid(view) & (Q(first_subscribed_on=None) | Q(first_subscribed_on__gt=view.day))
        rule = {State.ACTIVE: subscribed, State.LEAD: ~subscribed & never, State.INACTIVE: ~subscribed & ~never}[state]
    else:
        rule = {
            State.ACTIVE: paid_since(view.active_since, view),
            State.LEAD: never_paid(view),
            State.INACTIVE: paid_before(view.active_since, view),
        }[state]
    return ~_archived(view) & rule


def _few_in_state(state: State, view: View) -> Q:
    """The same rule, starting from the archive or the payments of the window. Live, the customer's own row has it all;
    a lead has no spans to start from; subscriptions are left to the planner."""
    if view.live or state == State.LEAD:
        return state_is(state, view)
    if state == State.ARCHIVED:
        return among(_archive_periods(view.day))
    if view.rule.kind == "subscription":
        return state_is(state, view)
    lately = _covering("paid", view.day).filter(since_on__gte=view.active_since)
    if state == State.ACTIVE:
        return ~_archived(view) & among(lately)
    return ~_archived(view) & ~never_paid(view) & ~Q(id__in=lately.values("customer_id"))
