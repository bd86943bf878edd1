"""Groups of customers, by hand and by rule (S3, N3)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from carteira.core.walls.models import Walled
from carteira.customers.models import Customer

MAX_NAME = 80


class Group(Walled):
    """A set of customers. With a `rule` it holds whom the rule says, and pins say otherwise; without one, whom somebody
    pinned in. The truth is that, evaluated on a day (groups.truth).

    `Member` is its cache for today, `members` counts those of it who are not archived; both are written by
    groups.keep_few and keep_many only.
    """

    class Colour(models.TextChoices):
        NONE = "", pgettext_lazy("colour", "None")
        BLUE = "blue", _("Blue")
        GREEN = "green", _("Green")
        YELLOW = "yellow", _("Yellow")
        ORANGE = "orange", _("Orange")
        RED = "red", _("Red")
        PURPLE = "purple", _("Purple")
        GREY = "grey", _("Grey")

    name = models.CharField(_("name"), max_length=MAX_NAME)
    # Casefolded, unaccented: the name is how a group is found (S3-07), so there is one of each.
    name_sort = models.CharField(max_length=MAX_NAME)
    colour = models.CharField(_("colour"), max_length=8, choices=Colour.choices, blank=True, default="")
    # groups.rules says what it may be; null: by hand.
    rule = models.JSONField(null=True)
    created_at = models.DateTimeField()
    # Deleted groups can be brought back; nothing shows them.
    deleted_at = models.DateTimeField(null=True)

    # What belonging to it brings along (N4), each empty for nothing.
    payment_method = models.CharField(_("payment method"), max_length=8, blank=True, default="")
    due_day = models.SmallIntegerField(_("due day"), null=True)
    messages_welcome = models.BooleanField(_("messages welcome"), null=True)

    # -- caches
    members = models.BigIntegerField(default=0)
    # The first day of the account's zone on which time alone may change the members (null: never). From that day on until
    # they are evaluated again, the rule answers itself.
    changes_on = models.DateField(null=True)

    class Meta(Walled.Meta):
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "name_sort"], condition=Q(deleted_at=None), name="groups_name_once"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def by_rule(self) -> bool:
        return self.rule is not None


class Pin(Walled):
    """Somebody put a customer into a group, or (of a group by rule) out of it. It wins over the rule, for good."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="pins", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="group_pins", db_index=False)
    inside = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(Walled.Meta):
        constraints = (models.UniqueConstraint(fields=["account", "group", "customer"], name="groups_pin_once"),)
        indexes = (models.Index(fields=["account", "customer"], name="groups_pins_of_customer"),)

    def __str__(self) -> str:
        return f"{self.customer_id} {'in' if self.inside else 'out of'} {self.group_id}"


class Member(Walled):
    """Cache: who belongs to a group today. `group` null: to none at all, kept while there are groups.

    The archived keep their groups, and rest: they are not counted, and stand there again when they come back.
    """

    class Cause(models.TextChoices):
        RULE = "rule", _("by the rule")
        HAND = "hand", _("by hand")

    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    cause = models.CharField(max_length=4, choices=Cause.choices)
    resting = models.BooleanField()

    class Meta(Walled.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "group", "customer"], name="groups_member_once", nulls_distinct=False
            ),
        )
        indexes = (models.Index(fields=["account", "customer"], include=["group"], name="groups_of_customer"),)

    def __str__(self) -> str:
        return f"{self.customer_id} in {self.group_id}"
