"""What is measured, and the SQL a person would write by hand for the same answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from bench.measure import by_hand
from carteira.accounts.models import Account
from carteira.core import people
from carteira.core.urls import account_url
from carteira.core.walls import scope
from carteira.customers.columns import columns
from carteira.customers.lifecycle import Rule

_COLUMNS = (
    *("id", "number", "code", "name", "name_sort", "city", "registered_on", "counted_from"),
    *("first_paid_on", "last_paid_on", "first_subscribed_on"),
)


@dataclass(frozen=True)
class Budget:
    """p50 and p95 in milliseconds; how many times the hand-written SQL ours may take; how many statements it may run."""

    p50: float | None = None
    p95: float | None = None
    ratio: float | None = None
    queries: int | None = None
    per_second: float | None = None


LIST, SEARCH = Budget(p95=60, ratio=2), Budget(p95=40)
CARD = Budget(p95=60, queries=12)
BAR = Budget(p95=30)


@dataclass(frozen=True)
class Page:
    """A page of the program, and the statements by hand that find, count and read what it shows."""

    group: str
    name: str
    path: str
    budget: Budget
    hand: tuple[tuple[str, Mapping[str, Any]], ...]
    htmx: bool = False
    # By hand as the owner of the tables, whom row security does not slow down.
    as_owner: bool = False
    # With every column there is, as its reader chose.
    every_column: bool = False


@dataclass
class Known:
    """What the cases are about in one account."""

    account: Account
    customers: int
    today: date
    params: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.rule = Rule.of(self.account)
        self.params = {"account": self.account.pk, "day": self.today, "since": self.since(self.today)}

    def since(self, day: date) -> date:
        return day - timedelta(days=self.rule.days)

    def ask(self, sql: str, **params: Any) -> list[Any]:
        with scope(self.account.pk):
            return by_hand(sql, {**self.params, **params})


# -- lists

_LIVING = "archived_on IS NULL"
_DUE = """LEFT JOIN LATERAL (
    SELECT s.from_on AS owes_since FROM customers_span s WHERE s.account_id = %(account)s AND s.customer_id = c.id
        AND s.kind = 'owes' AND s.from_on <= %(day)s AND s.until_on > %(day)s LIMIT 1) due ON TRUE"""
_GONE = """LEFT JOIN LATERAL (
    SELECT p.from_on, p.reason, p.note FROM customers_archiveperiod p WHERE p.account_id = %(account)s
        AND p.customer_id = c.id AND p.from_on <= %(day)s AND p.until_on > %(day)s LIMIT 1) gone ON TRUE"""
_PAID = """LEFT JOIN LATERAL (
    SELECT s.since_on FROM customers_span s WHERE s.account_id = %(account)s AND s.customer_id = c.id
        AND s.kind = 'paid' AND s.from_on <= %(day)s AND s.until_on > %(day)s LIMIT 1) paid ON TRUE"""


def _rows(where: str, order: str, *, past: bool = False, more: str = "") -> str:
    """The fifty rows with what their badges tell; `more` is SQL over them for further columns."""
    read = "c.*" if more else ", ".join(f"c.{name}" for name in _COLUMNS)
    return f"""
        SELECT *{more} FROM (
            SELECT {read} FROM customers_customer c
            WHERE c.account_id = %(account)s AND {where} ORDER BY {order} LIMIT 51
        ) c {_DUE} {_GONE} {_PAID if past else ""} ORDER BY {order}"""


def _count(where: str) -> str:
    return (
        f"SELECT count(*) FROM (SELECT FROM customers_customer c"
        f" WHERE c.account_id = %(account)s AND {where} LIMIT 1001) found"
    )


def lists(known: Known) -> list[Page]:
    pages: list[Page] = []

    def add(
        name: str,
        query: Mapping[str, str],
        where: str,
        order: str = "c.name_sort, c.id",
        *,
        counted: bool = False,
        **params: Any,
    ) -> None:
        given = {**known.params, **params}
        hand = [(_rows(where, order), given)]
        if counted:
            hand.append((_count(where), given))
        pages.append(Page("list", name, _list_path(known, query), LIST, tuple(hand)))

    add("first page", {}, _LIVING)
    shown = [name for name in columns.names() if not columns[name].of_archived]
    more = ", ".join(columns[name].sql for name in shown if columns[name].sql)
    hand = _rows(_LIVING, "c.name_sort, c.id", more=f", {more}")
    pages.append(
        Page("list", "with every column", _list_path(known, {}), LIST, ((hand, known.params),), every_column=True)
    )
    for label, share in (("in the middle", 0.5), ("near the end", 0.98)):
        value, id = _place(known, "name_sort", _LIVING, share)
        add(
            f"{label}, by name",
            {"after": f"{value}~{id.hex}", "from": "51"},
            f"{_LIVING} AND (c.name_sort, c.id) > (%(value)s, %(id)s)",
            value=value,
            id=id,
        )
    states = {
        "lead": f"{_LIVING} AND last_paid_on IS NULL",
        "active": f"{_LIVING} AND last_paid_on >= %(since)s",
        "inactive": f"{_LIVING} AND last_paid_on < %(since)s",
        "archived": "archived_on IS NOT NULL",
    }
    for state, where in states.items():
        add(f"state: {state}", {"state": state}, where)
    add("delinquent", {"delinquent": "1"}, f"{_LIVING} AND oldest_due_on < %(day)s")
    both = f"{states['inactive']} AND oldest_due_on < %(day)s"
    add("inactive and delinquent", {"state": "inactive", "delinquent": "1"}, both, counted=True)
    for label, city in (("large", "Campinas"), ("small", "Goiânia")):
        where = f"{_LIVING} AND city_sort = %(city)s"
        add(f"city: {label}", {"city": city}, where, counted=True, city=people.city_sort(city))
    month = known.today - timedelta(days=30)
    long_ago = known.today - timedelta(days=900)
    for label, key, day, sign in (
        ("registered from (last month)", "registered_from", month, ">="),
        ("registered from (900 days)", "registered_from", long_ago, ">="),
        ("registered until (900 days ago)", "registered_until", long_ago, "<="),
    ):
        add(label, {key: day.isoformat()}, f"{_LIVING} AND registered_on {sign} %(on)s", counted=True, on=day)
    for label, paid, days, sign in (
        ("last payment older than 90 days", "older", 90, "<"),
        ("last payment older than 850 days", "older", 850, "<"),
        ("last payment newer than 7 days", "newer", 7, ">="),
    ):
        where = f"{_LIVING} AND last_paid_on {sign} %(on)s"
        on = known.today - timedelta(days=days)
        add(label, {"paid": paid, "days": str(days)}, where, counted=True, on=on)
    for sort, column in (("number", "c.number"), ("registered", "c.registered_on")):
        add(f"by {sort}", {"sort": sort}, _LIVING, f"{column}, c.id")
        add(f"by {sort}, falling", {"sort": f"-{sort}"}, _LIVING, f"{column} DESC, c.id DESC")
    add("by name, falling", {"sort": "-name"}, _LIVING, "c.name_sort DESC, c.id DESC")
    add("by last payment", {"sort": "paid"}, _LIVING, "c.last_paid_on, c.id")
    paid_down = "c.last_paid_on DESC, c.id DESC"
    add("by last payment, falling", {"sort": "-paid"}, f"{_LIVING} AND last_paid_on IS NOT NULL", paid_down)
    value, id = _place(known, "last_paid_on", states["active"], 0.5)
    add(
        "active by last payment, in the middle",
        {"state": "active", "sort": "paid", "after": f"{value}~{id.hex}", "from": "51"},
        f"{states['active']} AND (c.last_paid_on, c.id) > (%(value)s, %(id)s)",
        "c.last_paid_on, c.id",
        value=value,
        id=id,
    )
    return pages


def lists_of_the_past(known: Known) -> list[Page]:
    pages = []
    living = """c.counted_from <= %(day)s AND NOT EXISTS (
        SELECT FROM customers_archiveperiod p WHERE p.account_id = %(account)s AND p.customer_id = c.id
            AND p.from_on <= %(day)s AND p.until_on > %(day)s)"""

    def span(kind: str, more: str = "") -> str:
        return f"""EXISTS (SELECT FROM customers_span s WHERE s.account_id = %(account)s AND s.customer_id = c.id
            AND s.kind = '{kind}' AND s.from_on <= %(day)s AND s.until_on > %(day)s {more})"""

    wheres = {
        "all": living,
        "lead": f"{living} AND NOT {span('paid', 'AND s.since_on IS NOT NULL')}",
        "active": f"{living} AND {span('paid', 'AND s.since_on >= %(since)s')}",
        "inactive": f"{living} AND {span('paid', 'AND s.since_on < %(since)s')}",
        "delinquent": f"{living} AND {span('owes')}",
    }
    for ago, names in ((1, ("all", "active")), (90, tuple(wheres)), (540, ("all", "inactive", "delinquent"))):
        day = known.today - timedelta(days=ago)
        for name in names:
            query = {"as_of": day.isoformat()}
            query |= {"delinquent": "1"} if name == "delinquent" else {} if name == "all" else {"state": name}
            hand = _rows(wheres[name], "c.name_sort, c.id", past=True)
            params = {**known.params, "day": day, "since": known.since(day)}
            pages.append(Page("as of", f"{ago} days ago: {name}", _list_path(known, query), LIST, ((hand, params),)))
    return pages


def _place(known: Known, column: str, where: str, share: float) -> tuple[Any, Any]:
    (total,) = known.ask(f"SELECT count(*) FROM customers_customer WHERE account_id = %(account)s AND {where}")[0]
    return known.ask(
        f"SELECT {column}, id FROM customers_customer WHERE account_id = %(account)s AND {where}"
        f" ORDER BY {column}, id OFFSET %(skip)s LIMIT 1",
        skip=int(total * share),
    )[0]


def _list_path(known: Known, query: Mapping[str, str]) -> str:
    path = account_url(known.account.slug, "customers:list")
    return f"{path}?{urlencode(query)}" if query else path


# -- searching


def searches(known: Known) -> list[Page]:
    nth = known.customers // 2
    ((document, phone),) = known.ask(
        "SELECT document, phone FROM customers_customer WHERE account_id = %(account)s AND number >= %(nth)s"
        " AND document <> '' ORDER BY number LIMIT 1",
        nth=nth,
    )
    fragments = {
        "one customer's e-mail": f".{nth}@exa",
        "a rare word": "vasconcelos",
        "a common word": "silva",
        "three letters": "mar",
        "two words": "ana souza",
        "part of a document": document[2:9],
        "part of a phone": phone[-7:],
        "two letters": "ma",
        "nothing there": "qxzwk",
    }
    pages = []
    for name, text in fragments.items():
        words = " AND ".join(f"e.text LIKE %(w{at})s" for at, _ in enumerate(text.split()))
        params = {**known.params, **{f"w{at}": f"%{word}%" for at, word in enumerate(text.split())}}
        rows = (
            f"SELECT {', '.join(f'c.{name}' for name in _COLUMNS)} FROM customers_searchentry e JOIN customers_customer c"
            f" ON c.account_id = e.account_id AND c.id = e.customer_id WHERE e.account_id = %(account)s AND {words}"
            " ORDER BY c.name_sort, c.id LIMIT {limit}"
        )
        path = account_url(known.account.slug, "search") + "?" + urlencode({"q": text})
        hand = ((rows.format(limit=8), params),)
        pages.append(Page("search", f"as you type: {name}", path, SEARCH, hand, htmx=True, as_owner=True))
    for name in ("one customer's e-mail", "a common word", "three letters"):
        text = fragments[name]
        where = (
            f"{_LIVING} AND c.id IN (SELECT customer_id FROM customers_searchentry"
            " WHERE account_id = %(account)s AND text LIKE %(found)s)"
        )
        params = {**known.params, "found": f"%{text}%"}
        hand = ((_rows(where, "c.name_sort, c.id"), params), (_count(where), params))
        path = _list_path(known, {"q": text})
        pages.append(Page("search", f"list: {name}", path, LIST, hand, as_owner=True))
    return pages


# -- the card


def cards(known: Known) -> list[Page]:
    pages = []
    for name, number in (("ordinary", known.customers // 2), ("with 500 invoices and 5,000 events", 1)):
        found = known.ask(
            "SELECT id FROM customers_customer WHERE account_id = %(account)s AND number >= %(nth)s"
            " AND last_paid_on IS NOT NULL ORDER BY number LIMIT 1",
            nth=number,
        )
        id = found[0][0]
        params = {**known.params, "id": id}
        hand = tuple(
            (sql, params)
            for sql in (
                "SELECT * FROM customers_customer WHERE account_id = %(account)s AND id = %(id)s",
                "SELECT * FROM core_event WHERE account_id = %(account)s AND customer_id = %(id)s"
                " ORDER BY id DESC LIMIT 21",
                "SELECT * FROM billing_invoice WHERE account_id = %(account)s AND customer_id = %(id)s"
                " ORDER BY issue_on DESC, id DESC LIMIT 21",
                "SELECT * FROM billing_payment WHERE account_id = %(account)s AND customer_id = %(id)s"
                " ORDER BY paid_on DESC LIMIT 21",
                "SELECT * FROM customers_span WHERE account_id = %(account)s AND customer_id = %(id)s"
                " AND until_on > %(day)s",
            )
        )
        path = account_url(known.account.slug, "customers:card", id)
        pages.append(Page("card", name, path, CARD, hand))
        if number == 1:
            for tab in ("payments", "history"):
                path = account_url(known.account.slug, "customers:card_tab", id, tab)
                pages.append(Page("card", f"{name}: {tab}", path, CARD, hand))
    return pages


# -- the activity bar

BAR_BY_HAND = """
    SELECT count(*) FILTER (WHERE archived_on IS NULL AND last_paid_on IS NULL),
        count(*) FILTER (WHERE archived_on IS NULL AND last_paid_on >= %(since)s),
        count(*) FILTER (WHERE archived_on IS NULL AND last_paid_on < %(since)s),
        count(*) FILTER (WHERE archived_on IS NOT NULL),
        count(*) FILTER (WHERE archived_on IS NOT NULL AND last_paid_on IS NOT NULL),
        count(*) FILTER (WHERE archived_on IS NULL AND oldest_due_on < %(day)s)
    FROM customers_customer WHERE account_id = %(account)s"""
PAST_BAR_BY_HAND = """
    SELECT count(*) FILTER (WHERE gone IS NULL AND since_on IS NULL),
        count(*) FILTER (WHERE gone IS NULL AND since_on >= %(since)s),
        count(*) FILTER (WHERE gone IS NULL AND since_on < %(since)s),
        count(gone), count(*) FILTER (WHERE gone IS NOT NULL AND since_on IS NOT NULL),
        count(*) FILTER (WHERE gone IS NULL AND owes)
    FROM (
        SELECT p.customer_id AS gone, paid.since_on, owing.customer_id IS NOT NULL AS owes
        FROM customers_customer c
        LEFT JOIN customers_archiveperiod p ON p.account_id = c.account_id AND p.customer_id = c.id
            AND p.from_on <= %(day)s AND p.until_on > %(day)s
        LEFT JOIN customers_span paid ON paid.account_id = c.account_id AND paid.customer_id = c.id
            AND paid.kind = 'paid' AND paid.from_on <= %(day)s AND paid.until_on > %(day)s
        LEFT JOIN customers_span owing ON owing.account_id = c.account_id AND owing.customer_id = c.id
            AND owing.kind = 'owes' AND owing.from_on <= %(day)s AND owing.until_on > %(day)s
        WHERE c.account_id = %(account)s AND c.counted_from <= %(day)s
    ) c"""

BAR_DAYS = (0, 1, 30, 90, 365, 900)
