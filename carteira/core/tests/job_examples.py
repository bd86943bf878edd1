"""Examples of the ground floor's jobs, for tests/test_every_job.py."""

from collections.abc import Sequence
from typing import Any

from carteira.core.counters import take_numbers
from carteira.core.events import kinds
from carteira.core.events.record import record_many
from carteira.core.files.store import keep
from carteira.core.jobs import clocks
from carteira.core.sheets import jobs
from carteira.core.sheets.models import SheetExport, SheetImport
from carteira.core.sheets.undo import start_undo
from carteira.core.walls import scope
from conftest import NOW

HAPPENED = kinds.register("test.happened", "Something happened.")
FOLLOWED = kinds.register("test.followed", "Something followed.")


def follow(events: Sequence[Any]) -> None:
    """Record one event for each."""
    take_numbers("followed", len(events))
    record_many(FOLLOWED, [{"what": {"of": str(event.pk)}} for event in events], by=None, now=NOW)


def drain(account: Any) -> dict[str, Any]:
    if not kinds.kind(HAPPENED).reactions:
        kinds.react(HAPPENED, follow)
    with scope(account.pk):
        record_many(HAPPENED, [{} for _number in range(3)], by=None, now=NOW)
    return {}


def tick(account: Any) -> dict[str, Any]:
    return {"clock": clocks.all_clocks()[0].name}


def import_file(account: Any) -> dict[str, Any]:
    sheet = b"name;code\nMaria;1\nJos\xc3\xa9;2\n;3\n"
    with scope(account.pk):
        file = keep([sheet], name="customers.csv", right="", limit=1000, by=None, now=NOW)
        record = SheetImport.objects.create(
            kind="customers",
            file=file,
            file_name=file.name,
            mapping={"name": "name", "code": "code"},
            key="code",
            language="en",
            created_at=NOW,
        )
    return {"import_id": str(record.pk)}


def export_file(account: Any) -> dict[str, Any]:
    with scope(account.pk):
        export = SheetExport.objects.create(
            kind="customers", format="csv", file_name="customers.csv", right="", language="en", created_at=NOW
        )
    return {"export_id": str(export.pk)}


def undo_import(account: Any) -> dict[str, Any]:
    arguments = import_file(account)
    jobs.import_file(account.pk, **arguments)
    with scope(account.pk):
        start_undo(SheetImport.objects.get(pk=arguments["import_id"]), by=None, now=NOW)
    return arguments


EXAMPLES = {
    "core.events.jobs.drain": drain,
    "core.jobs.tasks.tick": tick,
    "core.sheets.exports.jobs.export_file": export_file,
    "core.sheets.jobs.import_file": import_file,
    "core.sheets.jobs.undo_import": undo_import,
}
