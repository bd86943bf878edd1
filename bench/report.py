"""The table: printed, and written to bench/README.md."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.cases import Budget

README = Path(__file__).with_name("README.md")
_TITLES = {
    "bar": "Activity bar (the function the screens call, no page around it)",
    "list": "List of customers, live (whole page, HTML)",
    "as of": "List as of a past day (whole page, HTML)",
    "search": "Search (fragment as one types; list on Enter)",
    "card": "Customer's card (whole page, HTML)",
    "write": "Writing through HTTP, one client",
    "preview": "Preview of a rule (the function the builder calls, no page around it)",
    "payment": "What 50 groups add to recording a payment (the verb, in turn with the same while nobody follows)",
    "bulk": "Bulk change of everybody, as its job does it (seconds)",
    "import": "Import by command",
}


@dataclass
class Row:
    """One line of the table; times in milliseconds (bulk and imports: seconds), `hand` the hand-written SQL's p50."""

    group: str
    name: str
    p50: float
    p95: float = 0.0
    sql: float | None = None
    hand: float | None = None
    queries: int | None = None
    rate: float | None = None
    memory: int | None = None
    # Processor time, medians: of web and database for a page; of the database for its statements and for those by hand.
    cpu: float | None = None
    sql_cpu: float | None = None
    hand_cpu: float | None = None
    budget: Budget = Budget()  # noqa: RUF009 (frozen)

    @property
    def ratio(self) -> float | None:
        ours = self.sql if self.sql is not None else self.p50 if self.group in ("bulk", "import") else None
        return ours / self.hand if ours is not None and self.hand else None

    def misses(self) -> list[str]:
        found = []
        if self.budget.p50 is not None and self.p50 >= self.budget.p50:
            found.append("p50")
        if self.budget.p95 is not None and self.p95 >= self.budget.p95:
            found.append("p95")
        if self.budget.ratio is not None and (self.ratio or 0) > self.budget.ratio:
            found.append("ratio")
        if self.budget.queries is not None and (self.queries or 0) > self.budget.queries:
            found.append("queries")
        if self.budget.per_second is not None and (self.rate or 0) < self.budget.per_second:
            found.append("rate")
        return found

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "misses": self.misses()}


def keep(home: Path, customers: int, head: dict[str, Any], rows: list[Row]) -> None:
    (home / f"result-{customers}.json").write_text(
        json.dumps({**head, "customers": customers, "rows": [row.as_dict() for row in rows]})
    )


def kept(home: Path) -> list[dict[str, Any]]:
    """All sizes measured so far, the largest first."""
    found = [json.loads(file.read_text()) for file in home.glob("result-*.json")]
    return sorted(found, key=lambda result: -result["customers"])


def write(home: Path, notes: str) -> str:
    """The table of the largest size measured, with another one beside it to show the growth."""
    largest, *others = kept(home)
    smaller = others[-1] if others else None
    text = _text(largest, smaller, notes)
    README.write_text(text)
    return text


def _text(result: dict[str, Any], smaller: dict[str, Any] | None, notes: str) -> str:
    lines = [
        "# Benchmarks",
        "",
        f"`{result['command']}` on {result['day']}: {result['machine']}; load before the run {result['load']}.",
        f"{result['customers']:,} customers, {result['invoices']:,} invoices and {result['payments']:,} payments in one"
        " account beside 20 small ones. Everything runs as the role that serves, under row security.",
        "",
    ]
    if float(result["load"]) > 1:
        lines += [
            "**The machine was busy with other work during this run**, so everything waited for its turn: p50 and p95 say"
            " little, the processor columns and the ratios more.",
            "",
        ]
    if smaller:
        lines += [
            f"The column “at {smaller['customers']:,}” is the processor time (writes: p50) of the same work in an account"
            f" with {smaller['customers']:,} customers and {smaller['invoices']:,} invoices ({smaller['day']}).",
            "",
        ]
    before = {(row["group"], row["name"]): row for row in smaller["rows"]} if smaller else {}
    growth = f"at {smaller['customers']:,}" if smaller else ""
    for group, title in _TITLES.items():
        rows = [row for row in result["rows"] if row["group"] == group]
        if rows:
            lines += [f"## {title}", "", *_table(group, rows, before, growth), ""]
    lines.append(notes.strip())
    return "\n".join(lines) + "\n"


def _table(group: str, rows: list[dict[str, Any]], before: dict[Any, Any], growth: str) -> list[str]:
    unit = "s" if group in ("bulk", "import") else "ms"
    head = ["work", f"p50 {unit}", f"p95 {unit}", "processor ms", "SQL ms", "by hand " + unit, "ratio"]
    head += ["ratio of processor", "budget", "met"]
    if growth:
        head.insert(4, growth)
    if group in ("write", "bulk", "import"):
        head.insert(3, "a second")
    table = [head, ["---", *["--:"] * (len(head) - 1)]]
    for row in rows:
        ours = row["sql"] if row["sql"] is not None else row["p50"] if group in ("bulk", "import") else None
        cells = [
            row["name"],
            _number(row["p50"]),
            _number(row["p95"]) if row["p95"] else "",
            _number(_processor(row)),
            _number(row["sql"]),
            _number(row["hand"]),
            f"{ours / row['hand']:.1f}" if ours is not None and row["hand"] else "",
            f"{row['sql_cpu'] / row['hand_cpu']:.1f}" if row["sql_cpu"] and row["hand_cpu"] else "",
            _budget(row["budget"]),
            "no: " + ", ".join(row["misses"]) if row["misses"] else "yes" if _budget(row["budget"]) else "",
        ]
        if growth:
            then = before.get((group, row["name"]))
            cells.insert(4, _number(_processor(then) or then["p50"]) if then else "")
        if group in ("write", "bulk", "import"):
            cells.insert(3, f"{row['rate']:,.0f}" if row["rate"] else "")
        if row["queries"] is not None and group == "card":
            cells[0] += f" ({row['queries']} statements)"
        if row["memory"]:
            cells[0] += f" (peak {row['memory']:,} MB)"
        table.append(cells)
    return ["| " + " | ".join(cells) + " |" for cells in table]


def _processor(row: dict[str, Any]) -> float | None:
    return row["cpu"] if row["cpu"] is not None else row["sql_cpu"]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _budget(budget: dict[str, Any]) -> str:
    parts = []
    if budget.get("p50"):
        parts.append(f"p50 < {budget['p50']:.0f}")
    if budget["p95"]:
        parts.append(f"p95 < {budget['p95']:.0f}")
    if budget["ratio"]:
        parts.append(f"≤ {budget['ratio']:.0f} ×")
    if budget["queries"]:
        parts.append(f"≤ {budget['queries']} statements")
    if budget["per_second"]:
        parts.append(f"≥ {budget['per_second']:,.0f}/s")
    return ", ".join(parts)
