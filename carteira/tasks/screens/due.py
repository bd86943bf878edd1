"""What is due on the first page: the reader's own tasks until today, and how many of everyone's are."""

from typing import Any

from django.http import HttpRequest

from carteira.core import dates
from carteira.tasks import queries
from carteira.tasks.queries import Wanted
from carteira.tasks.screens.rows import may_work, shown, task_rows

SHOWN = 10


def context(request: HttpRequest) -> dict[str, Any]:
    """Two queries. Who may have no tasks sees everyone's."""
    today = request.account.today(dates.now())  # type: ignore[attr-defined]
    everyones = Wanted(due_until=today)
    mine = Wanted(due_until=today, assignee=request.user.pk) if may_work(request) else everyones
    page = queries.page(mine, size=SHOWN)
    return {
        **shown(request, task_rows(request, page.tasks, today), "start"),
        "more": page.next is not None,
        "everyones": min(queries.count(everyones), queries.COUNT_LIMIT),
    }
