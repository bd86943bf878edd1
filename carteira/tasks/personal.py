"""What the table of tasks holds about people: nobody is to be called who wanted to be forgotten, so they all go."""

from django.utils.translation import gettext_lazy as _

from carteira.core.privacy.holdings import Holding, holdings

holdings.add(
    "tasks.Task",
    Holding(
        _("Tasks"),
        of="customer_id",
        erase={"what": ""},
        remove=True,
        export=("due_on", "done_on", "created_at"),
    ),
    order=30,
)
