"""The rows of the list, built in Python: a template's tags for each cell of fifty rows cost more than the queries."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from carteira.core.ui.markup import fill
from carteira.core.ui.templatetags.ui import badge
from carteira.customers import queries, why
from carteira.customers.columns import Line
from carteira.customers.lifecycle import State
from carteira.customers.models import ArchivePeriod
from carteira.customers.screens.asked import Asked
from carteira.customers.screens.list_columns import Layout

NOBODY = UUID(int=0)
REASONS = dict(ArchivePeriod.Reason.choices)


def rows(ids: list[Any], asked: Asked, layout: Layout, account: Any, *, pick: bool) -> list[SafeString]:
    """One <tr> a customer, in the page's order; with `pick` a box in front of each."""
    view = asked.wanted.view
    customers = queries.rows(ids, layout.sql, day=view.day)
    told = why.stories(customers, view)
    row = _pattern(layout, pick)
    cells = [_cell(name, asked, layout) for name in layout.columns]
    words = _("Select %(name)s")
    return [
        fill(row, line.customer.id, words % {"name": line.customer.name}, *(cell(line) for cell in cells))
        for line in (Line(account, customer, told[customer.id]) for customer in customers)
    ]


def _pattern(layout: Layout, pick: bool) -> str:
    """A row with a place for its id, the words of its box, and each cell."""
    box = '<input type="checkbox" class="form-check-input" name="id" value="{0}" form="picked" aria-label="{1}" data-pick>'
    cells = (
        f'<td class="{"num " if column.numeric else ""}{column.css}">{{{nth}}}</td>'
        for nth, column in enumerate(layout.columns.values(), 2)
    )
    first = f'<td class="cell-pick">{box}</td>' if pick else ""
    return f"<tr>{first}{''.join(cells)}</tr>"


def _cell(name: str, asked: Asked, layout: Layout) -> Callable[[Line], str]:
    if name == "name":
        return _linked(asked)
    if name == "state":
        return _states(asked)
    return layout.columns[name].show


def _linked(asked: Asked) -> Callable[[Line], str]:
    view = asked.wanted.view
    # One address for all: a page of rows asks for fifty.
    card, query = reverse("customers:card", args=[NOBODY]), "" if view.live else f"?as_of={view.day.isoformat()}"
    before, _id, after = card.partition(str(NOBODY))
    link = f'<a class="row-link" href="{before}{{}}{after}{query}">{{}}</a>'
    return lambda line: fill(link, line.customer.id, line.customer.name)


def _states(asked: Asked) -> Callable[[Line], str]:
    archive = asked.wanted.state is State.ARCHIVED

    def show(line: Line) -> str:
        story, id = line.story, line.customer.id
        # Everyone in the archive is archived: what tells them apart is the reason (S0-14).
        label = REASONS[story.reason] if archive and story.reason else ""
        shown = badge(story.state, label=label, why=why.why(story), id=id)
        if not story.delinquent:
            return shown
        return shown + badge("delinquent", why=why.why_delinquent(story), id=f"{id}-owes")

    return show
