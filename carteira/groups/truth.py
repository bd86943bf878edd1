"""Who belongs to a group on a day: (the rule and nobody pinned out) or somebody pinned in. Everything else is cache."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from carteira.accounts.models import Account
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer
from carteira.customers.querysets import CustomerQuerySet, among_sql
from carteira.groups import rules
from carteira.groups.fields import Asked, RuleField, known
from carteira.groups.models import Group, Member, Pin


class Circle(ValueError):
    """Groups whose rules ask about each other in a circle; the text is a sentence for the user."""


@dataclass
class Truth:
    """The living groups of the open scope on a view's day. `others` tells who belongs to a group that a rule asks about,
    where somebody knows; else its own rule is asked."""

    account: Account
    view: View
    groups: dict[UUID, Group]
    many: bool = True
    others: Callable[[Group], Q] | None = None
    _open: list[UUID] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        account: Account,
        view: View,
        *,
        groups: Iterable[Group] | None = None,
        many: bool = True,
        others: Callable[[Group], Q] | None = None,
    ) -> "Truth":
        living = Group.objects.filter(deleted_at=None) if groups is None else groups
        return cls(account, view, {group.pk: group for group in living}, many, others)

    @cached_property
    def fields(self) -> dict[str, RuleField]:
        return known(self.account)

    @cached_property
    def asked(self) -> Asked:
        return Asked(self.account, self.view, self._belongs, self.many)

    def _belongs(self, id: UUID) -> Q:
        """To a group another one's rule names; a deleted one has nobody."""
        group = self.groups.get(id)
        if group is None:
            return rules.NOBODY
        return self.belongs(group) if self.others is None else self.others(group)

    def belongs(self, group: Group) -> Q:
        """Archived customers too: whoever comes back finds its groups again. Raises Circle."""
        inside = Q(Exists(_pins(group, inside=True)))
        if group.rule is None:
            return inside
        return inside | (self.by_rule(group) & ~Q(Exists(_pins(group, inside=False))))

    def by_rule(self, group: Group) -> Q:
        """Whom the rule alone means. Raises Circle."""
        assert group.rule is not None
        if group.pk in self._open:
            raise Circle(group.name)
        self._open.append(group.pk)
        try:
            return rules.who(group.rule, self.asked, self.fields)
        finally:
            self._open.pop()

    def members(self, group: Group, *, only: str | None = None) -> CustomerQuerySet:
        """Everybody who belongs, the archived too, with `cause` and `resting` as Member has them; `only` of some (as
        core.database.arrays writes them)."""
        everyone: CustomerQuerySet = Customer.objects.annotate(resting=Q(archived_on__isnull=False))
        if only is not None:
            everyone = everyone.filter(among_sql(*_these(only)))
        if group.rule is None:
            # From the pins, however many customers there are.
            pinned = Pin.objects.filter(group=group, inside=True)
            if only is not None:
                pinned = pinned.filter(among_sql(*_these(only), "customer_id"))
            pinned = pinned.values("customer_id")
            return everyone.filter(pk__in=pinned).annotate(cause=Value(Member.Cause.HAND, output_field=CharField()))
        hand = When(Exists(_pins(group, inside=True)), then=Value(Member.Cause.HAND))
        cause = Case(hand, default=Value(Member.Cause.RULE), output_field=CharField())
        return everyone.filter(self.belongs(group)).annotate(cause=cause)

    def flips(self, group: Group) -> set[tuple[str, int]] | None:
        """When time alone may change its members, through the groups it asks about too: see rules.flips."""
        found: set[tuple[str, int]] = set()
        for one in self.reached([group.pk]):
            rule = self.groups[one].rule
            flips = set() if rule is None else rules.flips(rule, self.asked, self.fields)
            if flips is None:
                return None
            found |= flips
        return found

    def reached(self, ids: Iterable[UUID]) -> set[UUID]:
        """These groups and all that their rules ask about, directly or not."""
        return self._walk(ids, self._names)

    def leaning(self, ids: Iterable[UUID]) -> set[UUID]:
        """These groups and all whose rules ask about them, directly or not."""
        asking: dict[UUID, set[UUID]] = {}
        for group, named in self._names.items():
            for one in named:
                asking.setdefault(one, set()).add(group)
        return self._walk(ids, asking)

    def _walk(self, ids: Iterable[UUID], next_to: dict[UUID, set[UUID]]) -> set[UUID]:
        found: set[UUID] = set()
        waiting = [id for id in ids if id in self.groups]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += [id for id in next_to.get(one, ()) if id in self.groups]
        return found

    @cached_property
    def _names(self) -> dict[UUID, set[UUID]]:
        return {id: rules.named_groups(group.rule, self.account, self.fields) for id, group in self.groups.items()}


def _these(ids: str) -> tuple[str, tuple[str]]:
    return "SELECT unnest(%s::uuid[])", (ids,)


def _pins(group: Group, *, inside: bool) -> QuerySet[Pin]:
    return Pin.objects.filter(group=group, customer=OuterRef("id"), inside=inside)
