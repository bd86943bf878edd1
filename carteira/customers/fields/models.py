"""A field of a business's own, and what it says about one customer."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carteira.core.walls.models import Walled


class Kind(models.TextChoices):
    TEXT = "text", _("Text")
    LONG = "long", _("Long text")
    NUMBER = "number", _("Number")
    MONEY = "money", _("Amount of money")
    DATE = "date", _("Date")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    URL = "url", _("Link")
    CHOICE = "choice", _("One choice")
    CHOICES = "choices", _("Several choices")
    YES_NO = "yes_no", _("Yes or no")
    DOCUMENT = "document", _("Document")
    ADDRESS = "address", _("Address")


class Place(models.TextChoices):
    """Where customers are asked (S1-12, S1-13)."""

    CONTACT = "contact", _("Contact form")
    SCHEDULING = "scheduling", _("Scheduling")
    PAYMENT = "payment", _("Payment")
    DOCUMENTS = "documents", _("Documents")
    PORTAL = "portal", _("Customer's portal")


# Kinds whose values are some of the field's options.
CHOSEN = frozenset({Kind.CHOICE, Kind.CHOICES})


class Field(Walled):
    """`options`: [{"id", "label"}, …] in order; one that was taken away has "removed": true and stays readable.
    `position` orders the fields of the account."""

    label = models.CharField(_("label"), max_length=80)
    # Folded by core.people.name_sort: two living fields never look the same.
    label_sort = models.CharField(max_length=80)
    kind = models.CharField(_("type"), max_length=10, choices=Kind.choices)
    options = models.JSONField(default=list)
    required = models.BooleanField(_("required"), default=False)
    unique = models.BooleanField(_("different for every customer"), default=False)
    help_text = models.CharField(_("help"), max_length=200, blank=True)
    section = models.CharField(_("section"), max_length=80, blank=True)
    position = models.BigIntegerField(default=0)
    # Names of Place.
    asked_in = models.JSONField(default=list)
    keep_asking = models.BooleanField(_("ask again until it is filled in"), default=False)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(Walled.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "label_sort"], condition=Q(removed_at=None), name="customers_field_label_once"
            ),
        )
        indexes = (models.Index(fields=["account", "position", "id"], name="customers_field_position"),)

    def __str__(self) -> str:
        return self.label

    @property
    def name(self) -> str:
        """What it is called beside the customer's own columns: in events, columns, filters, sheets."""
        return f"own_{self.pk.hex}"

    @property
    def living_options(self) -> list[dict[str, str]]:
        return [option for option in self.options if not option.get("removed")]


class FieldValue(Walled):
    """What a field says about a customer; of several choices one row each.

    `said` is the text; the typed columns are what filters and orders compare: `text` folded, `number` (numbers times
    10^4, money in minor units, yes and no as 1 and 0), `on`. `fits`: false for what was said while the field was of
    another kind and is nothing of the present one; it stays readable.
    """

    field = models.ForeignKey(Field, models.CASCADE, related_name="values", db_index=False)
    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="own_values", db_index=False)
    # The id of the option that was chosen, "" of other kinds.
    option = models.CharField(max_length=12, blank=True)
    said = models.TextField()
    text = models.CharField(max_length=200)
    number = models.BigIntegerField(null=True)
    on = models.DateField(null=True)
    fits = models.BooleanField(default=True)
    # Of a field that is different for every customer.
    alone = models.BooleanField(default=False)

    class Meta(Walled.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "customer", "field", "option"], name="customers_field_value_once"
            ),
            models.UniqueConstraint(
                fields=["account", "field", "text"], condition=Q(alone=True), name="customers_field_value_alone"
            ),
        )
        indexes = (
            models.Index(fields=["account", "field", "text", "customer"], name="customers_field_text"),
            models.Index(
                fields=["account", "field", "number", "customer"],
                condition=Q(number__isnull=False),
                name="customers_field_number",
            ),
            models.Index(
                fields=["account", "field", "on", "customer"], condition=Q(on__isnull=False), name="customers_field_day"
            ),
        )

    def __str__(self) -> str:
        return self.said[:40]


# Of changes of type.
RUNNING = Q(finished_at=None, failed_at=None)


class FieldChange(Walled):
    """A field on its way to another type, where that is work to be waited for (convert_many)."""

    field = models.ForeignKey(Field, models.CASCADE, related_name="changes", db_index=False)
    # Kinds.
    before = models.CharField(max_length=10)
    kind = models.CharField(max_length=10)
    language = models.CharField(max_length=8)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=1000, blank=True)
    # Customers who have something there, and how many of them are read.
    total = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    # What came of it.
    fits = models.BigIntegerField(default=0)
    stays = models.BigIntegerField(default=0)

    class Meta(Walled.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "field"],
                condition=RUNNING,
                name="customers_field_change_one",
            ),
        )
        indexes = (models.Index(fields=["account", "field", "-id"], name="customers_field_change_last"),)

    def __str__(self) -> str:
        return f"{self.before} → {self.kind}"

    @property
    def state(self) -> str:
        """running, done or failed."""
        if self.finished_at is not None:
            return "done"
        return "running" if self.failed_at is None else "failed"
