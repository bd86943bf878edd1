"""Lines that name a customer who was merged: they are about the survivor, and say so (N8)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from carteira.core.sheets.registry import Reading
from carteira.core.sheets.staging import ROWS, Stage, execute, table
from carteira.core.walls.scope import require_account_id
from carteira.customers.sheets.finding import FOUND


def note_merged(stage: Stage) -> None:
    """On each line that was found by what a merged customer was called."""
    stage.note(
        _("“{value}” was merged: this line is about {other}."),
        f"""SELECT f.line, f.through AS value, c.name || ' (' || c.number || ')' AS other FROM {FOUND} f
        JOIN {ROWS} s ON s.line = f.line
        JOIN customers_customer c ON c.account_id = %(account)s AND c.id = f.customer_id
        WHERE f.through IS NOT NULL""",
        {"account": require_account_id()},
    )


def settle_merged(stage: Stage, reading: Reading, columns: Sequence[str]) -> int:
    """The survivor keeps its code. Where another line of the file means the survivor too, that one is right: the same
    `columns` again count as unchanged (how many is the answer), others are refused, for nobody can say which is."""
    if not table("sheet_of_merged", f"SELECT line FROM {FOUND} WHERE through IS NOT NULL"):
        return 0
    if "code" in reading.fields:
        execute(f"UPDATE {ROWS} s SET code = NULL FROM sheet_of_merged m WHERE m.line = s.line")
    repeated = table(
        "sheet_of_merged_again",
        f"""SELECT line, first, through FROM (
            SELECT f.line, f.through, first_value(f.line) OVER (
                PARTITION BY f.customer_id ORDER BY f.through IS NOT NULL, f.line
            ) AS first FROM {FOUND} f JOIN {ROWS} s ON s.line = f.line
        ) x WHERE through IS NOT NULL AND line <> first""",
    )
    if repeated:
        others = [name for name in columns if name != "code"]
        differs = " OR ".join(f"(s.{name} IS NOT NULL AND s.{name} IS DISTINCT FROM f.{name})" for name in others)
        stage.refuse(
            _("“{other}” was merged: this is the same customer as on line {value}, with other data."),
            f"""SELECT s.line, a.first AS value, a.through AS other FROM sheet_of_merged_again a
            JOIN {ROWS} s ON s.line = a.line JOIN {ROWS} f ON f.line = a.first WHERE {differs or "FALSE"}""",
            {},
        )
    note_merged(stage)
    return execute(f"DELETE FROM {ROWS} WHERE line IN (SELECT line FROM sheet_of_merged_again)") if repeated else 0
