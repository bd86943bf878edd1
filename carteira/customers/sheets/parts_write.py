"""Writing what customers.sheets.parts has matched, set-based, for new customers and those who were here."""

from typing import Any

from carteira.core.sheets.registry import Reading
from carteira.core.sheets.staging import execute, table
from carteira.core.walls.scope import require_account_id
from carteira.customers.sheets.parts import CONTACTS, OWNERS, PAYERS, POINTS
from carteira.customers.sheets.renewed import PERSON


def write_parts(reading: Reading) -> None:
    """Further e-mails and phones, contacts, who is in charge, who pays. `renewed.PERSON` says who the lines are."""
    account = {"account": require_account_id()}
    execute(
        f"""INSERT INTO customers_contactpoint (account_id, id, customer_id, kind, value, label)
        SELECT %(account)s, p.id, w.customer_id, p.kind, p.value, coalesce(p.label, '')
        FROM {POINTS} p JOIN {PERSON} w ON w.line = p.line ORDER BY p.id ON CONFLICT DO NOTHING""",
        account,
    )
    execute(
        f"""INSERT INTO customers_contact (account_id, id, customer_id, name, role, email, phone, document_kind, document,
            is_payer)
        SELECT %(account)s, k.id, w.customer_id, k.name, coalesce(k.role, ''), coalesce(k.email, ''),
            coalesce(k.phone, ''), '', '', FALSE
        FROM {CONTACTS} k JOIN {PERSON} w ON w.line = k.line WHERE k.known IS NULL ORDER BY k.id""",
        account,
    )
    execute(
        f"""UPDATE customers_contact c SET role = coalesce(k.role, c.role), email = coalesce(k.email, c.email),
            phone = coalesce(k.phone, c.phone)
        FROM {CONTACTS} k WHERE c.account_id = %(account)s AND c.id = k.known""",
        account,
    )
    execute(
        f"""UPDATE customers_customer c SET owner_id = o.new FROM {OWNERS} o JOIN {PERSON} w ON w.line = o.line
        WHERE c.account_id = %(account)s AND c.id = w.customer_id""",
        account,
    )
    _write_payers(account)


def _write_payers(account: dict[str, Any]) -> None:
    table(
        "sheet_pays",
        f"""SELECT p.id, w.customer_id, p.itself, p.contact, coalesce(p.payer_id, x.customer_id) AS other_id
        FROM {PAYERS} p JOIN {PERSON} w ON w.line = p.line LEFT JOIN {PERSON} x ON x.line = p.payer_line""",
    )
    execute(
        """UPDATE customers_contact c SET is_payer = FALSE FROM sheet_pays p
        WHERE c.account_id = %(account)s AND c.customer_id = p.customer_id AND c.is_payer""",
        account,
    )
    execute(
        """INSERT INTO customers_contact (account_id, id, customer_id, other_id, name, role, email, phone, document_kind,
            document, is_payer)
        SELECT %(account)s, p.id, p.customer_id, p.other_id, '', '', '', '', '', '', FALSE FROM sheet_pays p
        WHERE p.other_id IS NOT NULL AND NOT p.itself AND NOT EXISTS (SELECT FROM customers_contact k
            WHERE k.account_id = %(account)s AND k.customer_id = p.customer_id AND k.other_id = p.other_id)""",
        account,
    )
    execute(
        """UPDATE customers_contact c SET is_payer = TRUE FROM sheet_pays p
        WHERE c.account_id = %(account)s AND c.customer_id = p.customer_id AND NOT p.itself
            AND CASE WHEN p.other_id IS NULL THEN c.id = p.contact ELSE c.other_id = p.other_id END""",
        account,
    )
