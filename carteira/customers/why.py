"""Why a customer is in its state on a day: one sentence with the dates it follows from (architecture 6).

Read for a page of customers at once: one query, however many rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carteira.core.database.arrays import uuids
from carteira.core.ui.formats import day as day_text
from carteira.core.ui.formats import number
from carteira.core.walls.scope import require_account_id
from carteira.customers.lifecycle import Facts, State, View, derived_reason, state_of
from carteira.customers.models import Customer, Span


@dataclass(frozen=True)
class Story:
    """What is known about one customer as of the view's day. Days are the account's.

    `taken_back`: there were payments, and none of them counts any more. `subscription_ends`: on which day the last
    subscription that was ever in force ended. `subscription_later`: one was made but none was in force yet.
    """

    view: View
    counted_from: date
    last_paid_on: date | None = None
    taken_back: bool = False
    subscribed_since: date | None = None
    subscription_ended: date | None = None
    subscription_made: bool = False
    archived_on: date | None = None
    reason: str = ""
    reason_given: bool = False
    note: str = ""
    owes_since: date | None = None

    @property
    def state(self) -> State:
        return state_of(
            Facts(
                last_paid_on=self.last_paid_on,
                ever_subscribed=self.subscription_made,
                subscribed=self.subscribed_since is not None,
                archived_on=self.archived_on,
            ),
            self.view,
        )

    @property
    def reason_if_archived(self) -> str:
        """The reason its history gives for leaving (S0-14): churn or lost."""
        subscribed = self.subscribed_since is not None or self.subscription_ended is not None
        return derived_reason(ever_paid=self.last_paid_on is not None, ever_subscribed=subscribed)

    @property
    def delinquent(self) -> bool:
        """S2-07: overlays the state; whoever is archived is not counted as delinquent."""
        return self.owes_since is not None and self.archived_on is None


class Known(Protocol):
    """What of a customer's own row its story needs; a Customer, or a row of a list."""

    @property
    def id(self) -> UUID: ...
    @property
    def counted_from(self) -> date: ...
    @property
    def first_paid_on(self) -> date | None: ...
    @property
    def last_paid_on(self) -> date | None: ...
    @property
    def first_subscribed_on(self) -> date | None: ...


# The archive beside the spans, in one statement: a page of the list asks it for every row it shows.
_SPANS = """
    SELECT customer_id, kind, from_on, until_on, since_on, '' AS reason, '' AS note FROM customers_span
    WHERE account_id = %(account)s AND customer_id = ANY(%(ids)s) AND from_on <= %(day)s
        AND (kind = 'subscribed' OR (kind = ANY(%(kinds)s) AND until_on > %(day)s))
    UNION ALL
    SELECT customer_id, 'archived', from_on, until_on, NULL, reason, note FROM customers_archiveperiod
    WHERE account_id = %(account)s AND customer_id = ANY(%(ids)s) AND from_on <= %(day)s AND until_on > %(day)s
    ORDER BY from_on"""


def stories(customers: Iterable[Known], view: View) -> dict[UUID, Story]:
    """The stories of some customers of the open scope, by id. One query."""
    customers = list(customers)
    parameters: dict[str, Any] = {
        "account": require_account_id(),
        "ids": uuids(customer.id for customer in customers),
        "day": view.day,
        # Live, the customer's own row tells its last payment.
        "kinds": [Span.OWES] if view.live else [Span.OWES, Span.PAID],
    }
    spans: dict[UUID, dict[str, list[Any]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SPANS, parameters)
        for id, kind, *span in cursor.fetchall():
            spans.setdefault(id, {}).setdefault(kind, []).append(span)
    return {customer.id: _story(customer, view, spans.get(customer.id, {})) for customer in customers}


def reasons(customers: Iterable[Known], view: View) -> dict[UUID, str]:
    """For each the reason it would be archived for (churn or lost), as its story tells it. One query."""
    customers = list(customers)
    if not view.live:
        return {id: story.reason_if_archived for id, story in stories(customers, view).items()}
    # Today the customer's own row tells whether it paid: most stories need not be read for one word.
    spans = Span.objects.filter(kind=Span.SUBSCRIBED, from_on__lte=view.day)
    subscribed = set(
        spans.filter(customer__in=[customer.id for customer in customers]).values_list("customer_id", flat=True)
    )
    return {
        customer.id: derived_reason(
            ever_paid=customer.last_paid_on is not None, ever_subscribed=customer.id in subscribed
        )
        for customer in customers
    }


def story(customer: Customer, view: View) -> Story:
    return stories([customer], view)[customer.pk]


def _story(customer: Known, view: View, spans: dict[str, list[Any]]) -> Story:
    """`spans` by kind, the latest last: [from_on, until_on, since_on, reason, note]."""
    paid, owes, subscribed, archived = (
        spans.get(kind) for kind in (Span.PAID, Span.OWES, Span.SUBSCRIBED, Span.ARCHIVED)
    )
    if view.live:
        last_paid_on = customer.last_paid_on
        taken_back = last_paid_on is None and customer.first_paid_on is not None
    else:
        last_paid_on = paid[-1][2] if paid else None
        taken_back = paid is not None and last_paid_on is None
    in_force = subscribed is not None and subscribed[-1][1] > view.day
    made_on = customer.first_subscribed_on
    from_on, _until, _since, given, note = archived[-1] if archived else (None, None, None, "", "")
    derived = derived_reason(ever_paid=last_paid_on is not None, ever_subscribed=bool(subscribed))
    return Story(
        view=view,
        counted_from=customer.counted_from,
        last_paid_on=last_paid_on,
        taken_back=taken_back,
        subscribed_since=subscribed[-1][0] if subscribed and in_force else None,
        subscription_ended=subscribed[-1][1] if subscribed and not in_force else None,
        subscription_made=made_on is not None and made_on <= view.day,
        archived_on=from_on,
        reason=(given or derived) if archived else "",
        reason_given=bool(given),
        note=note,
        owes_since=owes[-1][0] if owes else None,
    )


# -- the sentences


def why(story: Story) -> str:
    """Why the customer is, or was, in its state."""
    state = story.state
    if state is State.ARCHIVED:
        return _archived(story)
    reason = _by_subscription(story) if story.view.rule.kind == "subscription" else _by_payment(story)
    names = _NOW if story.view.live else _THEN
    return names[state]() % {"why": reason, "day": day_text(story.view.day)}


def why_delinquent(story: Story) -> str:
    """Why it is, or was, delinquent; only for whoever is."""
    if story.owes_since is None:
        raise ValueError("This customer owes nothing that is overdue.")
    days = (story.view.day - story.owes_since).days + 1
    facts = {"since": day_text(story.owes_since), "days": _days(days), "day": day_text(story.view.day)}
    if story.view.live:
        return _("Delinquent since %(since)s (%(days)s): an invoice is past its due date and not fully paid.") % facts
    return (
        _("Was delinquent on %(day)s: since %(since)s (%(days)s) an invoice was past its due date and not fully paid.")
        % facts
    )


# One sentence a state, live and as of a past day; the reason follows the colon.
_NOW = {
    State.LEAD: lambda: _("Lead: %(why)s."),
    State.ACTIVE: lambda: _("Active: %(why)s."),
    State.INACTIVE: lambda: _("Inactive: %(why)s."),
}
_THEN = {
    State.LEAD: lambda: _("Was a lead on %(day)s: %(why)s."),
    State.ACTIVE: lambda: _("Was active on %(day)s: %(why)s."),
    State.INACTIVE: lambda: _("Was inactive on %(day)s: %(why)s."),
}


def _by_payment(story: Story) -> str:
    if story.last_paid_on is None:
        return _never_paid(story)
    return _("last payment on %(paid)s, %(ago)s; limit %(limit)s") % {
        "paid": day_text(story.last_paid_on),
        "ago": _ago(story.last_paid_on, story.view),
        "limit": _days(story.view.rule.days),
    }


def _by_subscription(story: Story) -> str:
    live = story.view.live
    if story.subscribed_since is not None:
        text = _("subscription in force since %(day)s")
        return text % {"day": day_text(story.subscribed_since)}
    if story.subscription_ended is not None:
        text = _("no subscription in force, the last one ended on %(day)s")
        return text % {"day": day_text(story.subscription_ended)}
    if story.subscription_made:
        return _("the only subscription has not begun yet") if live else _("the only subscription had not begun yet")
    if story.last_paid_on is not None:
        text = _("no subscription in force, last payment on %(day)s")
        return text % {"day": day_text(story.last_paid_on)}
    return _never_paid(story)


def _never_paid(story: Story) -> str:
    facts = {"registered": day_text(story.counted_from)}
    if story.taken_back:
        text = (
            _("registered on %(registered)s, every payment was taken back")
            if story.view.live
            else _("registered on %(registered)s, every payment had been taken back")
        )
    else:
        text = (
            _("registered on %(registered)s, no payment yet")
            if story.view.live
            else _("registered on %(registered)s, no payment by then")
        )
    return text % facts


def _archived(story: Story) -> str:
    facts = {
        "day": day_text(story.view.day),
        "since": day_text(story.archived_on) if story.archived_on else "",
        "why": _left(story),
    }
    if story.view.live:
        sentence = _("Archived since %(since)s: %(why)s.") % facts
    else:
        sentence = _("Was archived on %(day)s, since %(since)s: %(why)s.") % facts
    if story.note:
        sentence = _("%(sentence)s Note: %(note)s") % {"sentence": sentence, "note": story.note}
    return sentence


def _left(story: Story) -> str:
    if story.reason_given:
        return _("churn, as somebody chose") if story.reason == "churn" else _("lost, as somebody chose")
    if story.reason == "lost":
        return _("lost, never bought anything")
    if story.last_paid_on is not None:
        return _("churn, last payment on %(paid)s") % {"paid": day_text(story.last_paid_on)}
    return _("churn, had a subscription")


def _ago(day: date, view: View) -> str:
    """How long before the view's day."""
    days = (view.day - day).days
    if view.live:
        if days == 0:
            return _("today")
        return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": number(days)}
    if days == 0:
        return _("on that day")
    return ngettext("%(count)s day before", "%(count)s days before", days) % {"count": number(days)}


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": number(count)}
