"""Tasks: what somebody wants to do about a customer, and by when."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carteira.core.walls.models import Walled
from carteira.customers.models import Customer

MAX_WHAT = 300
OPEN = Q(done_on=None, removed_at=None)


class Task(Walled):
    """ "Call again on …". Open until it is done or removed; overdue is a comparison of `due_on` with a day.

    `*_on` are days of the account's zone. When exactly it was done, and by whom, its events tell.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="tasks", db_index=False)
    what = models.CharField(_("task"), max_length=MAX_WHAT)
    due_on = models.DateField(_("due on"))
    # Whose it is; nobody's is everyone's.
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("assigned to"),
    )
    created_at = models.DateTimeField()
    done_on = models.DateField(_("done on"), null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta(Walled.Meta):
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = (
            models.CheckConstraint(condition=Q(done_on=None) | Q(removed_at=None), name="tasks_task_ends_one_way"),
        )
        indexes = (
            models.Index(fields=["account", "due_on", "id"], condition=OPEN, name="tasks_open"),
            models.Index(fields=["account", "assignee", "due_on", "id"], condition=OPEN, name="tasks_open_of_one"),
            models.Index(fields=["account", "customer", "due_on", "id"], condition=OPEN, name="tasks_open_about"),
            models.Index(fields=["account", "-done_on", "-id"], condition=Q(done_on__isnull=False), name="tasks_done"),
            models.Index(
                fields=["account", "assignee", "-done_on", "-id"],
                condition=Q(done_on__isnull=False),
                name="tasks_done_of_one",
            ),
        )

    def __str__(self) -> str:
        return self.what

    @property
    def is_open(self) -> bool:
        return self.done_on is None and self.removed_at is None
