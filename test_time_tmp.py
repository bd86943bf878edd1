import time, cProfile, pstats
from datetime import timedelta
from carteira.core.walls import scope
from carteira.groups.make import make_group
from carteira.groups import refresh
from carteira.groups.tests.test_cache import RULES
from conftest import NOW, TODAY
from django.db import connection
from django.test.utils import CaptureQueriesContext


def test_t(cast, make_customer):
    c = make_customer(cast.aurora, "Ana", paid=[(TODAY, 100)])
    with scope(cast.aurora.pk):
        for i in range(20):
            make_group(
                cast.aurora, name=f"G{i}", rule={"any": [RULES[i % 11], RULES[(i * 3 + 1) % 11]]}, by=cast.ana, now=NOW
            )
        for i in range(30):
            make_group(cast.aurora, name=f"H{i}", by=cast.ana, now=NOW)
    with scope(cast.aurora.pk):
        for _ in range(3):
            refresh.refresh([c.pk], now=NOW)
        t = time.perf_counter()
        for _ in range(20):
            refresh.refresh([c.pk], now=NOW)
        print("ms", (time.perf_counter() - t) * 50)
        with CaptureQueriesContext(connection) as q:
            refresh.refresh([c.pk], now=NOW)
        print(len(q))
        print([(x["time"], x["sql"][:80]) for x in q])
        p = cProfile.Profile()
        p.enable()
        refresh.refresh([c.pk], now=NOW)
        p.disable()
        pstats.Stats(p).sort_stats("cumtime").print_stats(25)
