"""python -m tests.import_job SLUG: imports payments beside a running `carteira serve`, for tests that kill processes.

A process of its own in the home that CARTEIRA_HOME names. It reads a line at a time from standard input and answers
each with one: "start FILE" enqueues a job and gives its id, "wait ID" gives its report when it is done, "begun FILE"
answers when a command has begun with that file, "run FILE" imports here and now and gives the report.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

KIND = "payments"


def _record(account: Any, file: str) -> tuple[Any, list[str]]:
    from carteira.core import dates
    from carteira.core.sheets import receive
    from carteira.core.sheets.reader import open_sheet
    from carteira.core.sheets.registry import kinds

    kind = kinds.get(KIND)
    assert kind
    with open_sheet(file) as sheet:
        header = sheet.header
    chunks = [Path(file).read_bytes()]
    return receive.receive(kind, chunks, name="x.csv", language="en", by=None, now=dates.now()), header


def start(account: Any, file: str) -> str:
    """Upload, accept the guessed columns, enqueue."""
    from carteira.core import dates
    from carteira.core.sheets import receive
    from carteira.core.sheets.registry import kinds
    from carteira.core.walls import scope

    kind = kinds.get(KIND)
    assert kind
    with scope(account.pk):
        record, header = _record(account, file)
        receive.choose(record, kind, header, mapping=record.mapping, key=None, dry_run=False, now=dates.now())
    return str(record.pk)


def wait(account: Any, import_id: str) -> str:
    """Wait until it is done, through whatever happens to the database."""
    from carteira.core.sheets.models import SheetImport
    from carteira.core.walls import scope

    until = time.monotonic() + 150
    while time.monotonic() < until:
        try:
            with scope(account.pk):
                record = SheetImport.objects.get(pk=import_id)
            if record.state in {"done", "failed"}:
                return json.dumps({**record.as_dict(), "state": record.state, "error": record.error})
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(0.05)
    return json.dumps({"state": "still not done"})


def begun(account: Any, file: str) -> str:
    """Wait until somebody else's import of the file has begun."""
    from carteira.core.sheets.models import SheetImport
    from carteira.core.walls import scope

    until = time.monotonic() + 60
    while time.monotonic() < until:
        with scope(account.pk):
            if SheetImport.objects.filter(file_name=Path(file).name).exists():
                return "yes"
        time.sleep(0.01)
    return "no"


def run(account: Any, file: str) -> str:
    """What the command does."""
    from carteira.core import dates
    from carteira.core.sheets import engine
    from carteira.core.walls import scope

    with scope(account.pk):
        record, _header = _record(account, file)
    return json.dumps(engine.run(account, record.pk, Path(file), by=None, now=dates.now()).as_dict())


def main(slug: str) -> None:
    import django

    django.setup()
    from carteira.accounts.models import Account

    account = Account.objects.get(slug=slug)
    for line in sys.stdin:
        verb, argument = line.split()
        connection.close()  # the database may have been killed since
        print({"start": start, "wait": wait, "begun": begun, "run": run}[verb](account, argument), flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carteira.config.settings")
    main(sys.argv[1])
