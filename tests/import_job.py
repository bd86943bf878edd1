"""python -m tests.import_job start SLUG KIND FILE | wait SLUG ID: an import as a job, for tests that kill processes.

In a process of its own, in the home that CARTEIRA_HOME names, beside a running `carteira serve`.
"""

import json
import os
import sys
import time
from pathlib import Path


def start(slug: str, kind: str, file: str) -> None:
    """Upload, accept the guessed columns, enqueue; prints the import's id."""
    from carteira.accounts.models import Account
    from carteira.core import dates
    from carteira.core.sheets import receive
    from carteira.core.sheets.reader import open_sheet
    from carteira.core.sheets.registry import kinds
    from carteira.core.walls import scope

    account, sheet_kind, now = Account.objects.get(slug=slug), kinds.get(kind), dates.now()
    assert sheet_kind
    with scope(account.pk):
        record = receive.receive(sheet_kind, [Path(file).read_bytes()], name="x.csv", language="en", by=None, now=now)
        with open_sheet(file) as sheet:
            header = sheet.header
        receive.choose(record, sheet_kind, header, mapping=record.mapping, key=None, dry_run=False, now=now)
    print(record.pk)


def wait(slug: str, import_id: str) -> None:
    """Wait until it is done, through whatever happens to the database; prints its report."""
    from django.db import DatabaseError, InterfaceError, connection

    from carteira.accounts.models import Account
    from carteira.core.sheets.models import SheetImport
    from carteira.core.walls import scope

    until = time.monotonic() + float(os.environ.get("WAIT", "150"))
    while time.monotonic() < until:
        try:
            account = Account.objects.get(slug=slug)
            with scope(account.pk):
                record = SheetImport.objects.get(pk=import_id)
            if record.state in {"done", "failed"}:
                print(json.dumps({**record.as_dict(), "state": record.state, "error": record.error}))
                return
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(0.1)
    raise SystemExit("still not done")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carteira.config.settings")
    import django

    django.setup()
    {"start": start, "wait": wait}[sys.argv[1]](*sys.argv[2:])
