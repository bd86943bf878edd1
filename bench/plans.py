"""`python -m bench.plans --only "state: inactive"`: every statement of the pages that match, with its plan.

As the role that serves, in the account's scope. `--hand` shows the hand-written ones instead.
"""

import argparse
import sys

from bench import place


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.plans", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--only", default="", help="pages whose group or name contains this")
    parser.add_argument("--hand", action="store_true")
    parser.add_argument("--short", action="store_true", help="no plans, only times")
    parser.add_argument(
        "--path", default="", help="an address below the account instead, such as customers/?state=lead"
    )
    options = parser.parse_args()
    home = place.prepare()

    from django.db import connection
    from django.test import Client

    from bench import cases, data
    from bench.browser import HOST
    from bench.measure import Statement, listening
    from carteira.accounts.models import User
    from carteira.core import dates
    from carteira.core.database.server import use_server
    from carteira.core.walls import scope

    with use_server():
        now = dates.now()
        account = data.ensure(home, options.customers, now, print)
        known = cases.Known(account, options.customers, account.today(now))
        client = Client()
        client.force_login(User.objects.get(email="bench@example.com"))
        groups = (cases.lists, cases.lists_of_the_past, cases.searches, cases.cards)
        pages = [(page.name, page.path, page.hand, page.htmx) for group in groups for page in group(known)]
        pages = [page for page in pages if options.only in page[0]]
        if options.path:
            pages = [(options.path, f"/{account.slug}/{options.path}", (), False)]
        for name, path, hand, htmx in pages:
            print(f"\n=== {name}: {path}")
            headers = {"HX-Request": "true"} if htmx else {}
            statements = [Statement(sql, params, 0.0) for sql, params in hand]
            if not options.hand:
                client.get(path, headers=headers, SERVER_NAME=HOST)
                with listening() as heard:
                    client.get(path, headers=headers, SERVER_NAME=HOST)
                statements = heard.statements
            with scope(account.pk), connection.cursor() as cursor:
                for statement in statements:
                    print(f"\n-- {1000 * statement.seconds:.1f} ms: {' '.join(statement.sql.split())}")
                    if not options.short and statement.sql.split()[0].upper() in ("SELECT", "WITH", "("):
                        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement.sql}", statement.params)
                        print("\n".join(f"   {line}" for (line,) in cursor.fetchall()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
