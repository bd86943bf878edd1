"""Keeping Member equal to the truth: in the transaction of whatever changed somebody, and when days pass.

`noticed` follows the events and notes whom something happened to; at the end of the scope their memberships are
evaluated anew: a few customers here, many by one statement a group. A property test holds both ways and the truth
equal; `carteira verify` proves it on real data.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from django.db.models import QuerySet

from carteira.accounts import settings
from carteira.accounts.models import Account
from carteira.core import dates
from carteira.core.database.arrays import uuids
from carteira.core.jobs import defer, tasks
from carteira.core.walls.scope import at_end, require_account_id
from carteira.customers.lifecycle import view_of
from carteira.groups import evaluate, keep_few, keep_many, moves
from carteira.groups.lock import lock_groups
from carteira.groups.models import Group, Member
from carteira.groups.truth import Truth

# Days nobody evaluated are gone through one by one, so that what happened on each is dated; longer ago, only so many.
CATCH_UP = 60

# So many customers are asked one by one; more by one statement a group.
FEW = 100
# The clock of days_passed.
CLOCK = "groups.days"


class _Noticed:
    """Whom the end of the scope has to look at; `customers` None: everybody."""

    def __init__(self) -> None:
        self.customers: set[UUID] | None = set()
        self.at: datetime | None = None

    def __call__(self) -> None:
        assert self.at is not None
        if self.customers is None:
            rebuild(now=self.at)
        elif self.customers:
            refresh(self.customers, now=self.at)


def noticed(kind: str, customers: Sequence[UUID] | None, at: datetime) -> None:
    """A follower of all events (core.events.follow); those of groups themselves are not news here."""
    if kind.startswith("group."):
        return
    if kind == settings.CHANGED:
        _ask_anew(at)
        return
    waiting = at_end("groups.refresh", _Noticed)
    waiting.at = at
    if customers is None:
        waiting.customers = None
    elif waiting.customers is not None:
        waiting.customers.update(customers)


def _ask_anew(now: datetime) -> None:
    """Every rule may mean others, by no fact about anybody: until the clock has evaluated them, very soon, they answer
    themselves, as after midnight. (Whoever changes a setting does not wait for it.)"""
    account = Account.objects.get(pk=require_account_id())
    late = Group.objects.filter(deleted_at=None, rule__isnull=False)
    if not late.exists():
        return
    late.exclude(changes_on__lte=account.today(now)).update(changes_on=account.today(now))
    defer(tasks.tick, account.pk, once=True, clock=CLOCK)


def refresh(
    customers: Collection[UUID],
    *,
    groups: Iterable[UUID] | None = None,
    now: datetime,
    silent: bool = False,
    written: str = "",
    done: Mapping[UUID, int] = MappingProxyType({}),
) -> None:
    """Evaluate these customers' belonging to these groups (else all) and those that lean on them.

    `silent`: their coming and going is told by the caller's own events, but that of the groups that lean is told here.
    `written`: the customers as core.database.arrays writes them, where the caller did. `done`: groups whose members the
    caller has written, but for how many more they are.
    """
    lock_groups(shared=True)
    named = set(groups or ())
    if len(customers) > FEW:
        keep_many.refresh_many(
            written or uuids(customers), groups, now=now, silent=named if silent else set(), done=done
        )
        return
    standing, customers = evaluate.standing(now), set(customers)
    if standing is None or not customers:
        return
    which = set(standing.groups) if groups is None else standing.leaning(named)
    if not which - set(done):
        keep_few.count(done)
        return
    change = keep_few.compare(standing, which - set(done), customers)
    keep_few.write(change, done)
    told = named if silent else set()
    for kind, keys in ((moves.LEFT, change.gone), (moves.ENTERED, change.new)):
        moved = [key for key in keys if key[0] is not None and key[0] not in told and key[1] in change.seen]
        if moved:
            names = [standing.groups[group].name for group, _customer in moved if group is not None]
            moves.tell(kind, moved, names, now=now)


def rebuild(groups: Iterable[UUID] | None = None, *, now: datetime, silent: bool = False) -> None:
    """Evaluate everybody's belonging to these groups (else all) and those that lean on them; nobody else evaluates
    meanwhile. `silent` as in refresh."""
    lock_groups()
    truth = keep_many.standing_truth(now)
    if truth is None:
        Member.objects.all().delete()
        return
    which = truth.groups if groups is None else truth.leaning(groups)
    keep_many.begin()
    # Named groups alone: who is in none is another only where somebody came or went.
    keep_many.rebuild(truth, which, now=now, silent=set(groups or ()) if silent else set(), everybody=not groups)


def forget(customers: Sequence[UUID]) -> None:
    """Before they are deleted: the counts go down, the rows go."""
    lock_groups()
    _pins, had = keep_few.stored(set(customers))
    keep_few.write(keep_few.Change(had, {}, set()))


def days_passed(account: Account, now: datetime) -> None:
    """A clock: groups whose members time alone may have changed are evaluated, day by day since the last time."""
    today = account.today(now)
    due = Group.objects.filter(deleted_at=None, rule__isnull=False, changes_on__lte=today)
    if not due.exists():
        return
    lock_groups()
    while (day := _next_day(due, today)) is not None:
        # Midnight of that day, unless it is today: then now.
        at = now if day == today else dates.start_of_day(day, account.time_zone)
        truth = Truth.of(account, view_of(account, now=now, day=day))
        late = {group.pk for group in due.filter(changes_on__lte=day)}
        keep_many.rebuild(truth, truth.leaning(late), now=at)


def _next_day(due: QuerySet[Group], today: date) -> date | None:
    first = due.order_by("changes_on").values_list("changes_on", flat=True).first()
    return None if first is None else max(first, today - timedelta(days=CATCH_UP))
