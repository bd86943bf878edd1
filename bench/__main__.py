"""`python -m bench`: measures the budgets of architecture section 8 and writes bench/README.md."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from bench import place


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000, help="in the large account (default 100,000)")
    parser.add_argument("--samples", type=int, default=30, help="of each work (default 30)")
    parser.add_argument("--only", default="", help="only works whose group or name contains this; writes no README")
    parser.add_argument("--no-imports", action="store_true", help="leave out the imports, which take a minute")
    options = parser.parse_args()
    home = place.prepare()

    from carteira.core import dates
    from carteira.core.database.server import use_server
    from carteira.core.processes.migrations import bring_up_to_date

    load = os.getloadavg()[0]
    with use_server():
        bring_up_to_date(print)
        from bench import data, report

        now, begun = dates.now(), time.monotonic()
        account = data.ensure(home, options.customers, now, print)
        rows = []
        for row in _rows(home, account, options, now):
            rows.append(row)
            told = f"{row.sql:.1f} / {row.hand:.1f}" if row.sql is not None and row.hand else ""
            if row.sql_cpu is not None and row.hand_cpu:
                told += f" ({row.sql_cpu:.1f} / {row.hand_cpu:.1f})"
            print(
                f"{row.group:7} {row.name:42} p50 {row.p50:8.1f}  p95 {row.p95:8.1f}  CPU {row.cpu or 0:6.1f}  SQL {told:30}"
                f" {'MISSED ' + ', '.join(row.misses()) if row.misses() else ''}",
                flush=True,
            )
        print(f"{time.monotonic() - begun:.0f} s in all, load before {load:.1f}")
        if options.only:
            return 0
        head = {
            "command": " ".join(["python -m bench", *sys.argv[1:]]),
            "day": now.date().isoformat(),
            "machine": f"{os.cpu_count()} cores, everything (client, web, worker, database) on one machine",
            "load": f"{load:.1f}",
            **_sizes(account),
        }
        report.keep(home, options.customers, head, rows)
        report.write(home, NOTES)
    return 0


def _rows(home: Any, account: Any, options: Any, now: Any) -> Iterator[Any]:
    from django.db import connection
    from django.test import Client

    from bench import cases, imports, pages, writes
    from bench.browser import Browser, serving
    from bench.processor import web_and_its_backends
    from carteira.accounts.models import User
    from carteira.core.urls import account_url

    def wanted(group: str, name: str = "") -> bool:
        return options.only in f"{group} {name}"

    known = cases.Known(account, options.customers, account.today(now))
    owner_of_it = User.objects.get(email="bench@example.com")
    if wanted("bar"):
        yield from pages.measure_bars(known, options.samples)
    inside = Client()
    inside.force_login(owner_of_it)
    with serving(home) as port, pages.as_owner() as owner:
        browser = Browser(port, owner_of_it)
        browser.get(account_url(account.slug, "customers:list"))
        stage = pages.Stage(browser, web_and_its_backends(home), inside, owner)
        for group in (cases.lists, cases.lists_of_the_past, cases.searches, cases.cards):
            for page in group(known):
                if wanted(page.group, page.name):
                    yield pages.measure_page(page, known, stage, options.samples)
        if wanted("write"):
            yield from writes.measure_writes(known, stage, max(200, options.samples))
    connection.close()
    if wanted("import") and not options.no_imports:
        yield from imports.measure_imports(home, options.customers, now)


def _sizes(account: Any) -> dict[str, int]:
    from carteira.billing.models import Invoice, Payment
    from carteira.core.walls import scope

    with scope(account.pk):
        return {"invoices": Invoice.objects.count(), "payments": Payment.objects.count()}


NOTES = ""

if __name__ == "__main__":
    sys.exit(main())
