"""What billing plugs into the rooms below."""

from django.utils.translation import gettext_lazy as _

from carteira.accounts import holidays
from carteira.accounts import settings as account_settings
from carteira.accounts.roles import Right
from carteira.billing import (  # noqa: F401
    archive_blockers,
    cancel,
    demo,
    demo_day,
    demo_letterhead,
    facts,
    group_fields,
    help_pages,
    issue,
    jobs,
    merge_rows,
    needs_data,
    personal,
    search,
    settings_guard,
    verify,
)
from carteira.billing.screens import card_payments, list_column, start_money
from carteira.billing.sheets import export_invoices, export_payments
from carteira.billing.sheets.invoices import INVOICES
from carteira.billing.sheets.payments import PAYMENTS
from carteira.core.jobs import clocks
from carteira.core.registries import (
    DemoDay,
    DemoStep,
    MenuEntry,
    SearchSource,
    SettingsPage,
    StartPart,
    Verifier,
    demo_days,
    demo_steps,
    menu,
    search_sources,
    settings_pages,
    start_parts,
    verifiers,
)
from carteira.core.sheets.exports.registry import export_kinds
from carteira.core.sheets.registry import kinds as sheet_kinds
from carteira.customers import archive as customers_archive
from carteira.customers import archive_checklist, history
from carteira.customers import facts as customers_facts
from carteira.customers.columns import columns as list_columns
from carteira.customers.list_filters import list_filters
from carteira.customers.merge.movers import movers
from carteira.customers.registries import CardAct, CardSummary, CardTab, card_acts, card_summaries, card_tabs

group_fields.register()
settings_pages.add(
    "letterhead", SettingsPage(_("Printed invoices"), "billing:letterhead", Right.EDIT_ACCOUNT), order=40
)
menu.add(
    "billing.invoices",
    MenuEntry(_("Invoices"), "file-invoice", "billing:all_invoices", section=_("Billing"), right=Right.SEE_MONEY),
    order=30,
)
start_parts.add(
    "billing.month",
    StartPart(_("This month"), "billing/screens/start_month.html", start_money.month, Right.SEE_MONEY),
    order=20,
)
start_parts.add(
    "billing.debts",
    StartPart(_("Who owes"), "billing/screens/start_debts.html", start_money.debts, Right.SEE_MONEY),
    order=30,
)
customers_facts.sources.add("billing.paid", facts.PAID)
customers_facts.sources.add("billing.owes", facts.OWES)
customers_facts.sources.add("billing.due", facts.DUE)
customers_archive.blockers.add("billing.open_invoices", archive_blockers.open_invoices)
archive_checklist.blockers_of_many.add("billing.open_invoices", archive_blockers.open_invoices_of_many)
clocks.register("billing.issue_due", issue.issue_due)
sheet_kinds.add("payments", PAYMENTS, order=20)
sheet_kinds.add("invoices", INVOICES, order=30)
export_kinds.add("payments", export_payments.PAYMENTS, order=20)
export_kinds.add("invoices", export_invoices.INVOICES, order=30)
demo_steps.add(
    "billing.history",
    DemoStep(demo.add_history, ("billing_invoice", "billing_payment", "customers_span", "core_event")),
    order=50,
)
demo_steps.add("billing.letterhead", DemoStep(demo_letterhead.write_letterhead), order=51)
card_tabs.add(
    "payments",
    CardTab(_("Payments"), "billing/screens/card_payments.html", card_payments.context, Right.SEE_MONEY),
    order=20,
)
list_columns.add(list_column.NAME, list_column.OPEN_BALANCE, order=65)
card_summaries.add("billing.totals", CardSummary(card_payments.summary, Right.SEE_MONEY), order=20)
card_summaries.add(
    "billing.needs_data", CardSummary(card_payments.needs_data, Right.SEE_MONEY, needs_data.may_ask), order=21
)
list_filters.add("needs_data", needs_data.FILTER)
card_acts.add("billing.pay", CardAct(_("Record payment"), "cash", "billing:record", Right.RECORD_PAYMENTS), order=20)
card_acts.add(
    "billing.invoice",
    CardAct(_("One-off invoice"), "file-invoice", "billing:new_invoice", Right.RECORD_PAYMENTS),
    order=21,
)
search_sources.add("invoices", SearchSource(_("Invoices"), search.find, Right.SEE_MONEY, search.recall), order=30)
demo_days.add("billing.money", DemoDay(demo_day.bill_and_collect), order=50)
# Invoices first: a payment goes where its invoice is.
movers.add("billing.Invoice.customer", merge_rows.INVOICES, order=50)
movers.add("billing.Payment.customer", merge_rows.PAYMENTS, order=51)
history.subjects.add("invoice", _("Invoices"), order=20)
history.subjects.add("payment", _("Payments"), order=21)
history.rights.add("invoice", Right.SEE_MONEY)
history.rights.add("payment", Right.SEE_MONEY)
holidays.calendar_changed.add("billing.due_dates", jobs.roll_soon)
account_settings.guards.add("billing.currency", settings_guard.keep_currency)
verifiers.add("billing.caches", Verifier("what invoices say was paid", verify.invoice_caches), order=50)
verifiers.add("billing.numbers", Verifier("invoice numbers", verify.numbers), order=51)
verifiers.add("billing.due_days", Verifier("due dates on business days", verify.effective_due_days), order=52)
verifiers.add("billing.payments", Verifier("signs and days of payments", verify.payment_rows), order=53)
