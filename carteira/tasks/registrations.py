"""What tasks plug into the rooms below."""

from django.utils.translation import gettext_lazy as _

from carteira.accounts.roles import Right
from carteira.core.registries import (
    DemoDay,
    DemoStep,
    MenuEntry,
    PaletteAct,
    StartPart,
    demo_days,
    demo_steps,
    menu,
    palette_acts,
    start_parts,
)
from carteira.customers import archive_checklist as customers_archive
from carteira.customers import history
from carteira.customers.merge.movers import Mover, movers
from carteira.customers.registries import CardAct, CardSection, card_acts, card_sections
from carteira.tasks import archive_checklist, change, demo, demo_day, finish, help_pages, personal  # noqa: F401
from carteira.tasks.screens import about, due

menu.add(
    "tasks",
    MenuEntry(_("Tasks"), "checklist", "tasks:list", section=_("Relationship"), right=Right.SEE_CUSTOMERS),
    order=25,
)
palette_acts.add(
    "tasks.new",
    PaletteAct(_("New task"), "checklist", "customers:choose", Right.EDIT_CUSTOMERS, words=_("call again remind")),
    order=40,
)
start_parts.add(
    "tasks.due", StartPart(_("To do today"), "tasks/screens/due.html", due.context, Right.SEE_CUSTOMERS), order=10
)
card_sections.add(
    "tasks.open", CardSection(_("Tasks"), "tasks/screens/about.html", about.context, Right.SEE_CUSTOMERS), order=10
)
card_acts.add("tasks.new", CardAct(_("New task"), "checklist", "tasks:new", Right.EDIT_CUSTOMERS), order=30)
movers.add("tasks.Task.customer", Mover(), order=60)
history.subjects.add("task", _("Tasks"), order=30)
customers_archive.blockers.add("tasks.open", archive_checklist.open_tasks, order=200)
customers_archive.blockers_of_many.add("tasks.open", archive_checklist.block_nobody, order=200)
# After those who left stand in the archive.
demo_steps.add("tasks.some", DemoStep(demo.add_tasks, ("tasks_task",)), order=950)
demo_days.add("tasks.work", DemoDay(demo_day.work_off), order=950)
