"""Invoices and payments, below /<slug>/billing/."""

from django.urls import path

from carteira.billing.screens import (
    all_invoices,
    cancel,
    invoice,
    issue_now,
    letterhead,
    lists,
    new_invoice,
    pay,
    printed,
    required,
    reverse,
    split,
)

app_name = "billing"
urlpatterns = [
    path("invoices/", all_invoices.list_all, name="all_invoices"),
    path("customers/<uuid:id>/pay/", pay.pay, name="record"),
    path("customers/<uuid:id>/split/", split.split, name="split"),
    path("customers/<uuid:id>/invoice/", new_invoice.new_invoice, name="new_invoice"),
    path("customers/<uuid:id>/invoices/", lists.list_invoices, name="invoices"),
    path("customers/<uuid:id>/payments/", lists.list_payments, name="payments"),
    path("invoices/<uuid:id>/issue/", issue_now.issue, name="issue_now"),
    path("invoices/<uuid:id>/data/", required.complete_data, name="complete_data"),
    path("invoices/<uuid:id>/method/", required.method, name="choose_method"),
    path("invoices/<uuid:id>/pdf/", printed.pdf, name="pdf"),
    path("invoices/<uuid:id>/", invoice.show_invoice, name="invoice"),
    path("invoices/<uuid:id>/cancel/", cancel.cancel, name="cancel_invoice"),
    path("invoices/<uuid:id>/restore/", cancel.restore, name="restore_invoice"),
    path("payments/<uuid:id>/reverse/", reverse.reverse_one, name="reverse_payment"),
    path("payments/<uuid:id>/undo-split/", split.undo, name="undo_split"),
    path("payments/<uuid:id>/undo/", reverse.undo, name="undo_payment"),
    path("settings/", letterhead.letterhead, name="letterhead"),
    path("settings/logo/", letterhead.logo, name="logo"),
    path("settings/logo/upload/", letterhead.upload_logo, name="upload_logo"),
    path("settings/logo/remove/", letterhead.take_logo_away, name="remove_logo"),
]
