"""The rule of the life cycle: which state a customer is in on a day, and why (architecture 6, product decisions 1-3).

This is the rule in Python, for one customer. customers.querysets says the same in SQL for many; a property test holds
them equal.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class State(StrEnum):
    """Exactly one a customer and day. Delinquent is not one of them: it overlays lead, active and inactive."""

    LEAD = "lead"
    ACTIVE = "active"
    INACTIVE = "inactive"
    ARCHIVED = "archived"


STATE_NAMES = {
    State.LEAD: _("Lead"),
    State.ACTIVE: _("Active"),
    State.INACTIVE: _("Inactive"),
    State.ARCHIVED: _("Archived"),
}


@dataclass(frozen=True)
class Rule:
    """`kind` payment or subscription (accounts.ActivityRule); `days` N: day N after a payment is still active."""

    kind: str = "payment"
    days: int = 60

    @classmethod
    def of(cls, account: Any) -> "Rule":
        return cls(account.activity_rule, account.activity_days)


@dataclass(frozen=True)
class View:
    """The day something is looked at, in the account's zone. `live`: that day is today, so the caches answer."""

    day: date
    rule: Rule
    live: bool

    @property
    def active_since(self) -> date:
        """The earliest day whose payment still makes somebody active (S0-12; day N still counts)."""
        return self.day - timedelta(days=self.rule.days)


class FutureDay(ValueError):
    """Nobody can look at a day that has not come."""


def view_of(account: Any, *, now: Any, day: date | None = None, rule: Rule | None = None) -> View:
    """The view of an account as of `day` (its end, in the account's zone), else today. Raises FutureDay."""
    today = account.today(now)
    day = day or today
    if day > today:
        raise FutureDay(day)
    return View(day, rule or Rule.of(account), live=day == today)


@dataclass(frozen=True)
class Facts:
    """What the rule asks about one customer as of one day, with everything known today."""

    last_paid_on: date | None = None
    ever_subscribed: bool = False
    subscribed: bool = False
    archived_on: date | None = None


def state_of(facts: Facts, view: View) -> State:
    """The state by the view's rule. S0-10 to S0-14 for payment, S2-03 to S2-06 for subscription."""
    if facts.archived_on is not None:
        return State.ARCHIVED
    if view.rule.kind == "subscription":
        if facts.subscribed:
            return State.ACTIVE
        never = facts.last_paid_on is None and not facts.ever_subscribed
        return State.LEAD if never else State.INACTIVE
    if facts.last_paid_on is None:
        return State.LEAD
    return State.ACTIVE if facts.last_paid_on >= view.active_since else State.INACTIVE


def derived_reason(*, ever_paid: bool, ever_subscribed: bool) -> str:
    """Why an archived customer left, read from its history (S0-14): who never bought anything was lost."""
    return "churn" if ever_paid or ever_subscribed else "lost"
