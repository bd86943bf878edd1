"""What billing plugs into the rooms below."""

from carteira.billing import archive_blockers, demo, facts, issue
from carteira.billing.sheets.invoices import INVOICES
from carteira.billing.sheets.payments import PAYMENTS
from carteira.core.jobs import clocks
from carteira.core.registries import DemoStep, demo_steps
from carteira.core.sheets.registry import kinds as sheet_kinds
from carteira.customers import archive as customers_archive
from carteira.customers import facts as customers_facts

customers_facts.sources.add("billing.paid", facts.PAID)
customers_facts.sources.add("billing.owes", facts.OWES)
customers_facts.sources.add("billing.due", facts.DUE)
customers_archive.blockers.add("billing.open_invoices", archive_blockers.open_invoices)
clocks.register("billing.issue_due", issue.issue_due)
sheet_kinds.add("payments", PAYMENTS, order=20)
sheet_kinds.add("invoices", INVOICES, order=30)
demo_steps.add("billing.history", DemoStep(demo.add_history), order=50)
