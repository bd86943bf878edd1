"""What a card holds besides the customer's own row: further ways to reach them, addresses, contacts, notes.

The main e-mail, phone and address stand on the customer, where lists and the search read them.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from carteira.core.walls.models import Walled

CUSTOMER = "customers.Customer"


class Postal(models.Model):
    """The parts of an address. `country` is ISO 3166; empty: the account's. `postal_code` as core.people cleans it."""

    country = models.CharField(_("country"), max_length=2, blank=True, default="", db_default="")
    postal_code = models.CharField(_("postal code"), max_length=12, blank=True, default="", db_default="")
    street = models.CharField(_("street"), max_length=200, blank=True, default="", db_default="")
    street_number = models.CharField(_("house number"), max_length=20, blank=True, default="", db_default="")
    complement = models.CharField(_("complement"), max_length=100, blank=True, default="", db_default="")
    district = models.CharField(_("neighbourhood"), max_length=100, blank=True, default="", db_default="")

    class Meta:
        abstract = True


class ContactPoint(Walled):
    """A further e-mail or phone (E.164) of a customer."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")

    customer = models.ForeignKey(CUSTOMER, models.CASCADE, related_name="points", db_index=False)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    value = models.CharField(max_length=254)
    label = models.CharField(_("label"), max_length=40, blank=True)

    class Meta(Walled.Meta):
        constraints = (
            models.UniqueConstraint(fields=["account", "customer", "kind", "value"], name="customers_point_once"),
        )
        # Whose e-mail or phone it is: likely twins, incoming messages.
        indexes = (models.Index(fields=["account", "kind", "value"], name="customers_point_value"),)

    def __str__(self) -> str:
        return self.value


class Address(Postal, Walled):
    """A further address of a customer: where it is delivered or billed to."""

    customer = models.ForeignKey(CUSTOMER, models.CASCADE, related_name="addresses", db_index=False)
    label = models.CharField(_("label"), max_length=40, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=50, blank=True)

    class Meta(Walled.Meta):
        indexes = (models.Index(fields=["account", "customer", "id"], name="customers_address_customer"),)

    def __str__(self) -> str:
        return self.street or self.city


class Contact(Walled):
    """Somebody one speaks to about a customer: a person of a company, a pupil's mother.

    Either its own data, or `other`: a customer of this business, whose data count (a guardian who is a customer too).
    `is_payer`: invoices are made out to this one (product decision 3); at most one a customer, else the customer.
    """

    customer = models.ForeignKey(CUSTOMER, models.CASCADE, related_name="contacts", db_index=False)
    other = models.ForeignKey(CUSTOMER, models.CASCADE, null=True, related_name="contact_of", db_index=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    role = models.CharField(_("role"), max_length=80, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    document_kind = models.CharField(max_length=10, blank=True)
    document = models.CharField(_("document"), max_length=30, blank=True)
    is_payer = models.BooleanField(_("pays"), default=False)

    class Meta(Walled.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "customer"], condition=Q(is_payer=True), name="customers_one_payer"
            ),
            models.UniqueConstraint(
                fields=["account", "customer", "other"],
                condition=Q(other__isnull=False),
                name="customers_contact_other_once",
            ),
            models.CheckConstraint(
                condition=Q(other=None) | ~Q(other=F("customer")), name="customers_contact_not_self"
            ),
            models.CheckConstraint(
                condition=Q(other=None) | Q(name="", email="", phone="", document=""),
                name="customers_contact_of_one_sort",
            ),
        )
        indexes = (
            models.Index(fields=["account", "customer", "id"], name="customers_contact_customer"),
            models.Index(fields=["account", "other"], condition=Q(other__isnull=False), name="customers_contact_of"),
        )

    def __str__(self) -> str:
        return self.name


class Note(Walled):
    """Something a person wrote down about a customer. `important` ones are pinned on the tab Main (S1-04)."""

    customer = models.ForeignKey(CUSTOMER, models.CASCADE, related_name="notes", db_index=False)
    text = models.TextField(_("note"))
    important = models.BooleanField(_("important"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta(Walled.Meta):
        indexes = (models.Index(fields=["account", "customer", "-important", "-id"], name="customers_note_customer"),)

    def __str__(self) -> str:
        return self.text[:40]
