"""Invoices and payments. Amounts are minor units of the account's currency; *_on are days of the account's zone."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from carteira.core.files.models import StoredFile
from carteira.core.walls.models import Walled
from carteira.customers.models import Customer

# What the account's list of invoices counts, sums and filters by: an index that holds these answers without the table.
_ASKED = ("amount", "paid_amount", "issued_on", "settled_on", "effective_due_on", "canceled_on", "deleted_at")


class Method(models.TextChoices):
    """How money comes in."""

    PIX = "pix", _("Pix")
    BOLETO = "boleto", _("Boleto")
    CARD = "card", _("Card")
    CASH = "cash", _("Cash")
    TRANSFER = "transfer", _("Transfer")
    OTHER = "other", _("Other")


class Invoice(Walled):
    """What is owed. Its status is derived (billing.status); stored are facts with their dates.

    `paid_amount` and `settled_on` are caches of the payments, written by the verbs that add payments and proven by
    `carteira verify`.
    """

    class Series(models.TextChoices):
        OWN = "own", _("Own")
        # Imported invoices keep their number here, so that undoing an import leaves no gap in the own series.
        IMPORTED = "imported", _("Imported")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="invoices", db_index=False)
    series = models.CharField(max_length=8, choices=Series.choices, default=Series.OWN)
    # Given on issue: an invoice that is only scheduled has none.
    number = models.CharField(_("number"), max_length=40, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    # How it is to be paid, as agreed at the sale; empty: not decided. Asks for data (billing.required_data).
    method = models.CharField(_("method"), max_length=8, choices=Method.choices, blank=True, default="", db_default="")
    amount = models.BigIntegerField(_("amount"))
    issue_on = models.DateField(_("issue date"))
    issued_at = models.DateTimeField(null=True)
    issued_on = models.DateField(null=True)
    due_on = models.DateField(_("due date"))
    # due_on rolled to the next business day (Lei 7.089/83); overdue from the day after it.
    effective_due_on = models.DateField()
    canceled_on = models.DateField(null=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    paid_amount = models.BigIntegerField(default=0)
    # The day since which the balance is 0; null while something is owed.
    settled_on = models.DateField(null=True)

    class Meta(Walled.Meta):
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "series", "number"], condition=~Q(number=""), name="billing_invoice_number_once"
            ),
            models.UniqueConstraint(
                fields=["account", "external_id"], condition=~Q(external_id=""), name="billing_invoice_external_once"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="billing_invoice_not_negative"),
            models.CheckConstraint(condition=Q(paid_amount__gte=0), name="billing_invoice_paid_not_negative"),
            models.CheckConstraint(
                condition=Q(settled_on=None) | Q(paid_amount__gte=F("amount")), name="billing_invoice_settled_is_paid"
            ),
        )
        indexes = (
            models.Index(fields=["account", "customer", "-issue_on", "-id"], name="billing_invoice_customer"),
            # What may make somebody delinquent, now or on a past day: never paid, or paid late.
            models.Index(
                fields=["account", "customer"],
                condition=Q(settled_on=None) | Q(settled_on__gt=F("effective_due_on")),
                name="billing_invoice_late",
            ),
            models.Index(fields=["account", "issue_on"], condition=Q(issued_on=None), name="billing_invoice_scheduled"),
            # The list of all invoices by the month of issue, of the due day, of the payment (billing.ledger).
            models.Index(fields=["account", "issue_on", "id"], include=["due_on", *_ASKED], name="billing_by_issue"),
            models.Index(fields=["account", "due_on", "id"], include=["issue_on", *_ASKED], name="billing_by_due"),
            models.Index(
                fields=["account", "settled_on", "id"],
                include=["issue_on", "due_on", *(column for column in _ASKED if column != "settled_on")],
                condition=Q(settled_on__isnull=False),
                name="billing_by_settled",
            ),
            # Few among many: what is open, and what nobody owes any more, over all months.
            models.Index(
                fields=["account", "due_on", "id"],
                include=["issue_on", *_ASKED],
                condition=Q(settled_on=None, canceled_on=None, deleted_at=None),
                name="billing_open",
            ),
            # Whose data may be missing (billing.needs_data).
            models.Index(
                fields=["account", "customer"],
                include=["method"],
                condition=Q(settled_on=None, canceled_on=None, deleted_at=None, method__in=["boleto", "card"]),
                name="billing_asks_for_data",
            ),
            models.Index(
                fields=["account", "issue_on", "id"],
                include=["amount", "paid_amount", "canceled_on", "deleted_at"],
                condition=Q(canceled_on__isnull=False) | Q(deleted_at__isnull=False),
                name="billing_gone",
            ),
        )

    def __str__(self) -> str:
        return self.number or str(self.id)

    @property
    def balance(self) -> int:
        return max(self.amount - self.paid_amount, 0)


class Payment(Walled):
    """Money that arrived, or (negative) went back. Append-only: only its customer may change, by a merge, and its note
    go, when the person is anonymised."""

    Method = Method

    class Source(models.TextChoices):
        HAND = "hand", _("By hand")
        SHEET = "sheet", _("Import")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="payments", db_index=False)
    # Null: an advance not yet matched. It counts as a payment all the same (product.md, decision 2).
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, related_name="payments", db_index=False)
    # Set on a reversal: the payment it takes back, wholly or in part.
    reverses = models.ForeignKey("self", models.PROTECT, null=True, related_name="reversals", db_index=False)
    # On a reversal: whether the invoice owes the money again (a mistake, a chargeback) or stays paid (a refund).
    owed_again = models.BooleanField(default=True)
    amount = models.BigIntegerField(_("amount"))
    paid_on = models.DateField(_("paid on"))
    method = models.CharField(_("method"), max_length=8, choices=Method.choices, default=Method.OTHER)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.HAND)
    external_id = models.CharField(max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    recorded_at = models.DateTimeField()

    class Meta(Walled.Meta):
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "external_id"], condition=~Q(external_id=""), name="billing_payment_external_once"
            ),
            models.CheckConstraint(
                condition=Q(reverses=None, amount__gt=0) | Q(reverses__isnull=False, amount__lt=0),
                name="billing_payment_sign",
            ),
        )
        indexes = (
            # Enough to sum up what everybody paid in a time, and to find everybody's last one, without the table (rules
            # of groups).
            models.Index(
                fields=["account", "customer", "paid_on", "id"],
                include=["amount", "method", "reverses"],
                name="billing_last_payments",
            ),
            models.Index(
                fields=["account", "invoice"], condition=Q(invoice__isnull=False), name="billing_payment_invoice"
            ),
            models.Index(
                fields=["account", "reverses"], condition=Q(reverses__isnull=False), name="billing_payment_reversal"
            ),
        )

    def __str__(self) -> str:
        return f"{self.paid_on} {self.amount}"


class Letterhead(Walled):
    """What a business prints on its invoices besides its name; one row an account, none until somebody writes it."""

    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    document_kind = models.CharField(max_length=10, blank=True)
    document = models.CharField(_("document"), max_length=30, blank=True)
    # Lines as they are printed.
    address = models.CharField(_("address"), max_length=400, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    note = models.CharField(max_length=500, blank=True)
    logo = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta(Walled.Meta):
        constraints = (models.UniqueConstraint(fields=["account"], name="billing_letterhead_once"),)

    def __str__(self) -> str:
        return self.legal_name
