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
        from django.db import connection

        from bench import data, report
        from carteira.core.walls.roles import as_owner

        now, begun = dates.now(), time.monotonic()
        account = data.ensure(home, options.customers, now, print)
        with as_owner(connection):
            data.vacuum()
        rows = []
        for row in _rows(home, account, options, now):
            rows.append(row)
            told = f"{row.sql:.1f} / {row.hand:.1f}" if row.sql is not None and row.hand else ""
            if row.group in ("write", "bulk", "import") and row.hand:
                told = f"by hand {row.hand:.1f}, {row.rate or 0:,.0f}/s"
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

    from bench import bulk, cases, groups, imports, merges, own_fields, pages, writes
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
        if wanted("bulk"):
            yield from bulk.measure_bulk(known, owner)
        if wanted("groups"):
            yield from groups.measure_groups(known, stage, options.samples)
        if wanted("own fields"):
            yield from own_fields.measure_own_fields(known, stage, options.samples)
        if wanted("merge"):
            yield from merges.measure_merges(known)
    connection.close()
    if wanted("import") and not options.no_imports:
        yield from imports.measure_imports(home, options.customers, now)


def _sizes(account: Any) -> dict[str, int]:
    from carteira.billing.models import Invoice, Payment
    from carteira.core.walls import scope

    with scope(account.pk):
        return {"invoices": Invoice.objects.count(), "payments": Payment.objects.count()}


NOTES = """
## How it is measured

- Pages and writes: real HTTP to `carteira serve` (Granian, its worker beside it) by one client in another process on the
  same machine, over one kept connection, with session, cookies and CSRF; the time until the whole answer has arrived.
- *SQL*: the statements of that page on the program's tables, run by the same view in the measuring process and timed one
  by one; without the activity bar and the cities to choose from, which stand on every list and have rows of their own.
  Session, person and business are not the page's.
- *by hand*: what a person would write in SQL for the same rows with the same badges: one statement, and one that counts up
  to 1,001 where the page does; a card is five. Run in turn with the program's own, in the same account's scope as the same
  role. For searches it runs as the owner of the tables, whom row security does not keep from the trigram index: the ideal.
  A write by hand is the bare statements in one transaction; an import by hand is COPY into a temporary table and
  INSERT … SELECT, without validation, duplicates, history and life cycle.
- *processor*: time on a processor, of web and database together (the bar: database alone; ratio of processor: database
  statements alone). It tells what a work costs however busy the machine was; p50 and p95 tell what somebody waited.
- 3 rounds of warm-up, then at least 30 of each work (writes: 200), interleaved; imports run once. Tables are vacuumed
  beforehand, as autovacuum leaves them. The bar is compared with the hand-written numbers on every run: a difference
  ends the benchmark.
- The data are made by `bench/data.py` and kept in a home of their own for a week (BENCH_HOME, else `var/bench`, as root
  `/var/lib/carteira-bench`). The client, the web server, the worker and the database share the machine's processors.
- `make bench` measures the large size, `make bench ARGS="--customers 10000"` another one; the table shows both.
  `python -m bench.plans --only "state: inactive"` prints every statement of a page with its plan.

## Where the time goes, and what did not help

- Imports: the database's one process is the neck. Reading and validating 100,000 lines takes 2.4 s of processor time, in a
  child and before the transaction; the rest is writing rows and index entries. Of 100,000 customers (12 s of the server's
  processor time, 2 cores busy with other work): about 4 s for the rows with their indexes, which is all that the import by
  hand does; 3.3 s for the trigram index of the search entries; 1.5 to 2.4 s for foreign keys at commit; 1 s for statistics;
  most of what is left for the events. 10,000 a second would leave 7 s for all of it.
- Of 120,000 payments: the cached days of their customers 7 s (12 s before three indexes went to the search entries and two
  became one), foreign keys at commit 5 s, invoices 2.5 s, spans 1.5 s, events 1.5 s, payments 0.9 s.
- An update writes an entry into *every* index of the row: 30,000 customers' cached days cost 0.25 s with the primary key
  alone, 2.1 s with all there were; each narrow index in an order of its own about 0.2 s. So an index on the customers'
  table is dear, and one on `customers_searchentry` is not.
- Did not help: more shared buffers (512 MB instead of 128: no less processor time, the system's cache does it); a longer
  pending list of the trigram index (64 MB instead of 4: 7 % less processor time, a quarter less log, but whoever registers a
  customer next would flush it). Foreign keys to the account where there is one through the customer
  cost 3 µs a row, those to the customer 14 (they lock its row): left, as a wall.
- A payment through HTTP is 10 statements and a commit. The verb alone, without a request, took 3 ms of the
  server's and 3 of Python's processor time on the busy machine; planning its plain statements 0.03 to 0.2 ms each, so
  prepared ones would gain little. 200 a second are 5 ms for all of it, sign-in, form, session and redirect included: not
  reached, and the bare statements alone did 175 (5.7 ms by hand).
- Adding many to a group writes a pin, a membership and an event for each, with their foreign keys: by hand these rows take
  three quarters of it. 5 s for 100,000 would need one row less: pins of a group by hand that are its members.
- Beside 50 groups a payment pays for one question that asks each condition once, and for two writes where somebody moves.
- A preview of amounts or of the last payment method reads every customer's payments once; all others read less.
- With 521,870 customers and 2.1 million memberships (loaded once, the machine busy; processor time of the database): lists by
  group 70 to 90 ms a page, panel 100 to 170 (one index probe for each delinquent), previews 58 to 650 ms, the rebuild of 50
  groups 340 s. The hourly clock was not measured at that size, nor was a full million.
- An import with five own fields takes some three times one without (20,000 lines on a busy machine: 12.4 s and 3.8 s): 100,000
  values more, with their foreign keys. The order by several choices passes by other values on deep pages (230 ms at worst).
- The bar of a past day is a walk over index entries of every customer counted by then and every payment of its window, 0.1 µs
  each. It was three walks over the customers and one probe an archived lead; it is one walk and one question now, and costs
  what today's bar costs (before 1.2 to 1.6 times that, in the table above where it is older).
"""

if __name__ == "__main__":
    sys.exit(main())
