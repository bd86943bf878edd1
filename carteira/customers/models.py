"""The customer, when it was archived, and the spans of days its states are read from."""

import datetime

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from carteira.core.files.models import StoredFile
from carteira.core.walls.models import Walled, walled_manager
from carteira.customers.bulk.models import BulkAct, BulkPart
from carteira.customers.card_models import Address, Contact, ContactPoint, Note, Postal
from carteira.customers.fields.models import Field, FieldChange, FieldValue
from carteira.customers.merge.models import CustomerMerge, DuplicatePair, DuplicateSearch, MergedRows
from carteira.customers.querysets import CustomerQuerySet
from carteira.customers.saved.models import SavedView

__all__ = [
    "FOREVER",
    "Address",
    "ArchivePeriod",
    "BulkAct",
    "BulkPart",
    "Contact",
    "ContactPoint",
    "Customer",
    "CustomerMerge",
    "DuplicatePair",
    "DuplicateSearch",
    "Field",
    "FieldChange",
    "FieldValue",
    "MergedRows",
    "Note",
    "SavedView",
    "SearchEntry",
    "Span",
]

# The last day there is: an open end. A real date, so that one comparison serves closed and open spans.
FOREVER = datetime.date(9999, 12, 31)


# What the lists ask of every customer. Whoever walks an index that has these too needs no look at the table, so that
# a filter which matches hardly anybody costs index pages only.
_ASKED = (
    "archived_on",
    "last_paid_on",
    "oldest_due_on",
    "registered_on",
    "city_sort",
    "counted_from",
    "first_paid_on",
    "owner",
)


class Customer(Postal, Walled):
    """A person or company that buys or may buy. The address, e-mail and phone here are its main ones
    (customers.card_models has the others).

    Below the line stand caches of facts other tables hold, written only by customers.facts.refresh in the
    transaction that changes the fact; `carteira verify` proves them. No column says the state: that is a comparison
    of these dates with a day (customers.lifecycle).
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        COMPANY = "company", _("Company")

    number = models.BigIntegerField(_("number"))
    code = models.CharField(_("code"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.PERSON)
    name = models.CharField(_("name"), max_length=200)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    document_kind = models.CharField(max_length=10, blank=True)
    document = models.CharField(_("document"), max_length=30, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=50, blank=True)
    # Of a company: the day it was founded.
    birth_on = models.DateField(_("birth date"), null=True)
    source = models.CharField(_("source"), max_length=80, blank=True, default="", db_default="")
    # Whoever of the business looks after this customer.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("in charge"),
    )
    photo = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+", db_index=False)
    # A day of the account's zone; may lie before created_at when history was imported.
    registered_on = models.DateField(_("registered on"))
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField()
    # The account's day on which the person went (customers.anonymise); what told who it was is empty since.
    anonymised_on = models.DateField(null=True)

    # Written by Python (core.people): casefolded and unaccented, for sorting and searching.
    name_sort = models.CharField(max_length=200)
    city_sort = models.CharField(max_length=100, blank=True)
    search = models.TextField()
    # The part of `search` that comes from further e-mails, phones and contacts (customers.search_more).
    search_more = models.TextField(blank=True, default="", db_default="")

    # -- caches, see the docstring. All are days of the account's zone.
    counted_from = models.DateField()
    first_paid_on = models.DateField(null=True)
    last_paid_on = models.DateField(_("last payment"), null=True)
    first_subscribed_on = models.DateField(null=True)
    # The earliest effective due date among issued invoices with a balance left: delinquent once it is past.
    oldest_due_on = models.DateField(null=True)
    archived_on = models.DateField(_("archived on"), null=True)

    objects = walled_manager(CustomerQuerySet)

    class Meta(Walled.Meta):
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "number"], include=["id", *_ASKED], name="customers_number_once"
            ),
            models.UniqueConstraint(fields=["account", "code"], condition=~Q(code=""), name="customers_code_once"),
        )
        indexes = (
            models.Index(fields=["account", "name_sort", "id"], include=_ASKED, name="customers_by_name"),
            models.Index(
                fields=["account", "registered_on", "id"],
                include=[column for column in _ASKED if column != "registered_on"],
                name="customers_by_registration",
            ),
            # The activity bar counts on these two alone (index-only scans).
            models.Index(
                fields=["account", "last_paid_on", "id"],
                include=["oldest_due_on", "registered_on", "city_sort"],
                condition=Q(archived_on=None),
                name="customers_by_last_paid",
            ),
            models.Index(
                fields=["account", "last_paid_on", "id"],
                include=["archived_on", "oldest_due_on", "registered_on", "city_sort"],
                condition=Q(archived_on__isnull=False),
                name="customers_archived",
            ),
            models.Index(
                fields=["account", "archived_on", "id"],
                include=[column for column in _ASKED if column != "archived_on"],
                condition=Q(archived_on__isnull=False),
                name="customers_by_archived",
            ),
            models.Index(
                fields=["account", "oldest_due_on", "id"],
                include=["archived_on"],
                condition=Q(oldest_due_on__isnull=False),
                name="customers_by_oldest_due",
            ),
            # The past's bar: who was counted by a day, and who of them had paid by then, in one walk.
            models.Index(fields=["account", "counted_from", "first_paid_on"], name="customers_by_counted_from"),
            models.Index(fields=["account", "city_sort", "name_sort", "id"], name="customers_by_city"),
            models.Index(
                fields=["account", "owner", "name_sort", "id"],
                include=[column for column in _ASKED if column != "owner"],
                condition=Q(owner__isnull=False),
                name="customers_by_owner",
            ),
        )

    def __str__(self) -> str:
        return self.name


class SearchEntry(Walled):
    """A copy of what a customer is found by, for indexes that payments need not write (customers.search_entries)."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    name_sort = models.CharField(max_length=200)
    text = models.TextField()
    # For whoever asks for just this one: twins, and lines of a sheet.
    document = models.CharField(max_length=30, blank=True, default="", db_default="")
    email = models.CharField(max_length=254, blank=True, default="", db_default="")
    phone = models.CharField(max_length=20, blank=True, default="", db_default="")

    class Meta(Walled.Meta):
        constraints = (models.UniqueConstraint(fields=["account", "customer"], name="customers_search_entry_once"),)
        indexes = (
            GinIndex(fields=["account", "text"], opclasses=["uuid_ops", "gin_trgm_ops"], name="customers_search_text"),
            models.Index(fields=["account", "document"], condition=~Q(document=""), name="customers_by_document"),
            models.Index(fields=["account", "email"], condition=~Q(email=""), name="customers_by_email"),
            models.Index(fields=["account", "phone"], condition=~Q(phone=""), name="customers_by_phone"),
        )

    def __str__(self) -> str:
        return self.text


class ArchivePeriod(Walled):
    """The days [from_on, until_on) on which a customer was archived; an open end while it is."""

    class Reason(models.TextChoices):
        CHURN = "churn", _("Churn")
        LOST = "lost", _("Lost")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="archive_periods", db_index=False)
    from_on = models.DateField()
    until_on = models.DateField(default=FOREVER)
    # Empty: derived from the history as of the day one looks (S0-14). Else said by a person, with a note.
    reason = models.CharField(max_length=5, choices=Reason.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta(Walled.Meta):
        constraints = (
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="customers_archive_forward"),
            models.UniqueConstraint(
                fields=["account", "customer"], condition=Q(until_on=FOREVER), name="customers_archived_once"
            ),
        )
        indexes = (
            models.Index(fields=["account", "customer", "from_on"], name="customers_archive_customer"),
            models.Index(fields=["account", "until_on", "from_on"], name="customers_archive_days"),
            # Reasons said by a person: the bar corrects the derived ones by these few.
            models.Index(
                fields=["account", "until_on", "from_on"],
                include=["customer", "reason"],
                condition=~Q(reason=""),
                name="customers_archive_reasons",
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_on} – {self.until_on}"


class Span(Walled):
    """Days [from_on, until_on) on which one fact about a customer stayed the same: what *as of a day* is read from.

    paid: the last counting payment was on `since_on` (null: all earlier ones were reversed by then).
    owes: some issued invoice was past its effective due date with a balance left.
    subscribed: a subscription was in force.
    archived: it was archived; `since_on` as in paid, so that the past's bar need not ask each of them.
    Spans of one customer and kind never overlap. Rebuilt by customers.facts.refresh; no person edits them.
    """

    PAID, OWES, SUBSCRIBED, ARCHIVED = "paid", "owes", "subscribed", "archived"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="spans", db_index=False)
    kind = models.CharField(max_length=10)
    from_on = models.DateField()
    until_on = models.DateField()
    since_on = models.DateField(null=True)

    class Meta(Walled.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "customer", "kind", "from_on"],
                include=["until_on", "since_on"],
                name="customers_span_once",
            ),
            models.CheckConstraint(condition=Q(until_on__gt=F("from_on")), name="customers_span_forward"),
        )
        indexes = (
            # Payments in order: who was active on a day, and lists as of a day sorted by the last payment.
            models.Index(
                fields=["account", "kind", "since_on", "customer"],
                include=["from_on", "until_on"],
                name="customers_span_paid",
            ),
            models.Index(
                fields=["account", "kind", "until_on", "from_on"],
                include=["customer", "since_on"],
                condition=~Q(kind="paid"),
                name="customers_span_end",
            ),
            # Spans that begin with a payment taken back: few, and what makes the past differ from today's dates.
            models.Index(
                fields=["account", "from_on", "until_on"],
                include=["customer", "since_on"],
                condition=Q(kind="paid") & (Q(since_on=None) | Q(since_on__lt=F("from_on"))),
                name="customers_span_taken_back",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.from_on} – {self.until_on}"
