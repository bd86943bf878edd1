"""N3, N8: real processes at the same customers: a large import, merges and undos, new rules, all at the same time."""

import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.processes import Program

pytestmark = [pytest.mark.xdist_group("processes"), pytest.mark.slow]

SEED = 1988
# More than events name one by one: at its end the import looks at everybody's groups (core.events.follow.MANY).
PEOPLE = 5_500
TO = ("--account", "aurora", "--json")
RULES = (
    {"field": "last_payment", "is": "within", "value": 400},
    {"field": "paid", "is": "at_least", "value": {"amount": 5_000, "days": None}},
    {"field": "state", "is": "is", "value": ["lead", "active"]},
)


def test_an_import_merges_and_new_rules_at_the_same_time() -> None:
    dice = random.Random(SEED)
    with Program.in_new_home() as program:
        program.start()
        assert program.run("create_account", "aurora", "--name", "A", "--owner", "ana@example.com").returncode == 0
        people, payments = (program.home.parent / name for name in ("people.csv", "payments.csv"))
        people.write_text("code,name\n" + "\n".join(f"C{nth},Cliente {nth}" for nth in range(PEOPLE)) + "\n")
        assert program.run("import_sheet", "customers", str(people), *TO).returncode == 0
        lines = (f"C{nth},2026-{1 + nth % 9:02}-{1 + nth % 28:02},{nth + 1}.00" for nth in range(PEOPLE))
        payments.write_text("code,paid on,amount\n" + "\n".join(lines) + "\n")
        asked: list[tuple[str, ...]] = [("import_sheet", "payments", str(payments), *TO)]
        for nth, rule in enumerate(RULES):
            asked.append(("group", "create", f"G{nth}", "--rule", json.dumps(rule), *TO))
        for _nth in range(4):
            kept, merged = dice.sample(range(20), 2)
            asked.append(("merge", "--keep", f"C{kept}", "--merge", f"C{merged}", *TO))
            asked.append(("unmerge", "--code", f"C{dice.randrange(20)}", *TO))
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda arguments: program.run(*arguments), asked))
        for arguments, answer in zip(asked, done, strict=True):
            # Refused in a sentence (a merge of whom another merge has taken), never cut off by the database.
            told = json.loads(answer.stdout.splitlines()[-1])
            assert answer.returncode == 0 or "error" in told, (arguments, answer.stderr)
            assert "deadlock" not in answer.stderr + answer.stdout
        assert [answer.returncode for answer in done[: 1 + len(RULES)]] == [0] * (1 + len(RULES))
        verified = program.run("verify")
        assert verified.returncode == 0, verified.stdout
