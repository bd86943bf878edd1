"""A list of customers somebody wants to see again."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carteira.core.walls.models import Walled

MAX_NAME = 80


class SavedView(Walled):
    """A list under a name: filters, columns, density and order, as parameters of the list's address (screens.asked).

    Its maker's alone, or shared with everybody of the business. Who pins it into the menu, and whose list begins with
    it, are tastes of persons (saved.liked).
    """

    name = models.CharField(_("name"), max_length=MAX_NAME)
    # Casefolded, unaccented.
    name_sort = models.CharField(max_length=MAX_NAME)
    parameters = models.JSONField(default=dict)
    shared = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    # Deleted ones can be brought back; nothing shows them.
    deleted_at = models.DateTimeField(null=True)

    class Meta(Walled.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "name_sort"],
                condition=Q(deleted_at=None, shared=True),
                name="customers_shared_view_once",
            ),
            models.UniqueConstraint(
                fields=["account", "by", "name_sort"],
                condition=Q(deleted_at=None, shared=False),
                name="customers_own_view_once",
            ),
        )

    def __str__(self) -> str:
        return self.name
