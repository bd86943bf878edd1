"""Which customer does a line mean?

A line has one identifier: the first filled one of code, document and e-mail, the import's key first; a line
of customers with none of them is known by its name.
"""

from collections.abc import Sequence

from carteira.core.sheets.registry import Batch, Reading
from carteira.core.sheets.staging import ROWS, execute, table
from carteira.core.walls.scope import require_account_id
from carteira.customers.sheets.fields import OWN_ID

IDENTIFIERS = ("code", "document", "email")
# (column, type) that `identify` adds to a batch.
IDENTITY = (("level", "smallint"), ("identity", "text"))
FOUND = "sheet_found"
_INDEXED_IN_ENTRIES = ("document", "email")
# The level of lines that bring our own id of somebody who is here.
BY_ID = 9
_MERGED = "FROM customers_customermerge m WHERE m.undone_at IS NULL"


def order_of(key: str) -> tuple[str, ...]:
    """The identifiers in the order in which they are asked."""
    return (key, *(name for name in IDENTIFIERS if name != key))


def identify(batch: Batch, reading: Reading, names: Sequence[str | None] | None = None) -> None:
    """Add `level` (the place of the line's identifier in order_of) and `identity` (its value) to a batch.

    `names` (sorting keys of names) is what lines without identifier are known by; without it, or without a
    name, level is None.
    """
    count = len(batch.lines)
    last = len(IDENTIFIERS)
    identity: list[str | None] = list(names) if names is not None else [None] * count
    level: list[int | None] = [None if value is None else last for value in identity]
    for place, name in reversed(list(enumerate(order_of(reading.key)))):
        if name in reading.fields:
            for at, value in enumerate(batch.column(name)):
                if value:
                    level[at], identity[at] = place, value
    batch.columns["level"], batch.columns["identity"] = level, identity


def trust_own_ids(reading: Reading) -> None:
    """Lines with the id of a customer of this account, merged or not, mean that one; an id from elsewhere says
    nothing."""
    if OWN_ID in reading.fields:
        for ours in ("SELECT id FROM customers_customer", f"SELECT m.merged_id AS id {_MERGED}"):
            where = "AND" if "WHERE" in ours else "WHERE"
            execute(
                f"""UPDATE {ROWS} s SET level = {BY_ID}, identity = s.id::text
                FROM ({ours} {where} account_id = %(account)s) c WHERE c.id = s.id""",
                {"account": require_account_id()},
            )


def find_customers(reading: Reading, *, exact: bool) -> None:
    """Make the table `sheet_found`: line, customer_id; several rows for a line that could mean several
    customers. `through`: what the line calls a customer who was merged; customer_id is the survivor then.

    With `exact` line and customer must have the same identifier: a line known by its document means the
    customer with that document and no code (when code is the key). That way a line finds the customer it
    made, and no other.
    """
    order = order_of(reading.key)
    parts = []
    for place, name in enumerate((*order, "name_sort")):
        bare = [f"AND c.{other} = ''" for other in order[:place]] if exact else []
        given, of_it = f"{ROWS} s", f"c.{name} = s.identity"
        if name in _INDEXED_IN_ENTRIES:
            given += f" JOIN customers_searchentry e ON e.account_id = %(account)s AND e.{name} = s.identity AND e.{name} <> ''"
            of_it = "c.id = e.customer_id"
        parts.append(
            f"SELECT s.line, c.id AS customer_id, NULL AS through FROM {given} JOIN customers_customer c"
            f" ON c.account_id = %(account)s AND {of_it} {' '.join(bare)} WHERE s.level = {place}"
        )
    if exact and OWN_ID in reading.fields:
        parts.append(
            f"SELECT s.line, coalesce(m.survivor_id, s.id), '#' || m.merged_number FROM {ROWS} s LEFT JOIN"
            f" (SELECT * {_MERGED}) m ON m.account_id = %(account)s AND m.merged_id = s.id WHERE s.level = {BY_ID}"
        )
    account = {"account": require_account_id()}
    table(FOUND, " UNION ALL ".join(parts), account)
    # Whose code it was before a merge, the last one to have it: who made such a customer anew would undo the merge.
    of_it = "s.code" if exact else "s.identity"
    if "code" in reading.fields:
        execute(
            f"""INSERT INTO {FOUND} (line, customer_id, through)
            SELECT DISTINCT ON (s.line) s.line, m.survivor_id, m.merged_code FROM {ROWS} s
            JOIN (SELECT * {_MERGED}) m ON m.account_id = %(account)s AND m.merged_code = {of_it} AND m.merged_code <> ''
            WHERE NOT EXISTS (SELECT FROM {FOUND} f WHERE f.line = s.line){"" if exact else f" AND s.level = {order.index('code')}"}
                AND NOT EXISTS (SELECT FROM customers_customer c WHERE c.account_id = %(account)s AND c.code = {of_it})
            ORDER BY s.line, m.id DESC""",
            account,
        )
