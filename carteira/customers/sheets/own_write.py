"""Writing what customers.sheets.own_match has found, set-based, for new customers and those who were here."""

from carteira.core.sheets.registry import Reading
from carteira.core.sheets.staging import execute
from carteira.core.walls.scope import require_account_id
from carteira.customers.fields.rows_json import COLUMNS
from carteira.customers.sheets.own import brought
from carteira.customers.sheets.own_match import OWN


def write_own(reading: Reading) -> None:
    """In place of what the fields said. `sheet_person` (writing) says who the lines are. What is different for every
    customer may change hands within the file: all is let go of before any is taken."""
    account = {"account": require_account_id()}
    execute(
        f"""DELETE FROM customers_fieldvalue v USING {OWN} o WHERE v.account_id = %(account)s
            AND v.customer_id = o.customer_id AND v.field_id = o.field_id AND o.old IS NOT NULL""",
        account,
    )
    alone = [own.field.pk for own in brought(reading) if own.field.unique]
    execute(
        f"""INSERT INTO customers_fieldvalue (account_id, field_id, customer_id, option, said, text, number, "on", fits, alone)
        SELECT %(account)s, o.field_id, w.customer_id, coalesce(v.option, ''), v.said, v.text, v.number, v."on",
            coalesce(v.fits, TRUE), o.field_id = ANY(%(alone)s)
        FROM {OWN} o JOIN sheet_person w ON w.line = o.line
        CROSS JOIN LATERAL jsonb_to_recordset(o.new)
            AS v({COLUMNS})
        ORDER BY o.line, o.field_id""",
        {**account, "alone": alone},
    )
