"""The search after an import: whose search_more changed."""

from carteira.core.sheets.registry import Reading
from carteira.core.sheets.staging import table
from carteira.customers.fields.found import FOUND_BY
from carteira.customers.search_more import renew_listed
from carteira.customers.sheets.own import brought
from carteira.customers.sheets.own_match import OWN
from carteira.customers.sheets.part_fields import told_parts
from carteira.customers.sheets.parts import CONTACTS, POINTS

# Temporary tables that customers.sheets.writing makes: line, number of whom it registered; line, customer_id of everybody.
NEW, PERSON = "sheet_new", "sheet_person"


def renew_search(reading: Reading) -> None:
    """Whose further e-mails, phones, contacts or own fields changed is found by them. Of whoever is new with nothing but
    own fields the insert has said it."""
    lines = []
    if told_parts(reading):
        lines += [f"SELECT line FROM {POINTS}", f"SELECT line FROM {CONTACTS}"]
    if searched := [own.name for own in brought(reading) if own.field.kind in FOUND_BY]:
        lines.append(f"SELECT line FROM {OWN} WHERE customer_id IS NOT NULL AND name = ANY(%(searched)s)")
    if not lines:
        return
    table(
        "sheet_renewed",
        f"SELECT DISTINCT w.customer_id FROM {PERSON} w WHERE w.line IN ({' UNION ALL '.join(lines)})",
        {"searched": searched},
    )
    renew_listed("sheet_renewed")
