"""What customers plugs into the ground floor."""

from carteira.core.sheets.registry import kinds as sheet_kinds
from carteira.customers.sheets.kind import CUSTOMERS

sheet_kinds.add("customers", CUSTOMERS, order=10)
