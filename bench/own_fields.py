"""Measuring the list by own fields: three of them, filled in for everybody, made for the occasion and taken away again. By
itself: `python -m bench --only own`."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from bench.cases import LIST, Known, Page
from bench.pages import Stage, measure_page
from bench.report import Row
from carteira.core import dates
from carteira.core.urls import account_url
from carteira.core.walls import scope
from carteira.customers.fields.define import add_field
from carteira.customers.fields.models import Field, Kind

_LIVING = "c.archived_on IS NULL"


def measure_own_fields(known: Known, stage: Stage, samples: int) -> Iterator[Row]:
    with _fields(known, stage) as (number, choice, several):
        for page in _pages(known, number, choice, several):
            yield measure_page(page, known, stage, samples)


@contextmanager
def _fields(known: Known, stage: Stage) -> Iterator[tuple[Field, Field, Field]]:
    """A number from 0 to 1,999, one of three choices, and two of five."""
    _forget(known, stage)
    now = dates.now()
    with scope(known.account.pk), connection.cursor() as cursor:
        number = add_field(label="Bench number", kind=Kind.NUMBER, by=None, now=now)
        choice = add_field(label="Bench choice", kind=Kind.CHOICE, options=("A", "B", "C"), by=None, now=now)
        several = add_field(label="Bench several", kind=Kind.CHOICES, options=tuple("ABCDE"), by=None, now=now)
        say = """INSERT INTO customers_fieldvalue (account_id, field_id, customer_id, option, said, text, number, fits, alone)
            SELECT c.account_id, %(field)s, c.id, {option}, {said}, lower({said}), {number}, TRUE, FALSE
            FROM customers_customer c WHERE c.account_id = %(account)s"""
        nth = "(c.number %% 2000)"
        cursor.execute(
            say.format(option="''", said=f"{nth}::text", number=f"{nth} * 10000"), {**known.params, "field": number.pk}
        )
        for field, nth in ((choice, "c.number %% 3"), (several, "c.number %% 5"), (several, "(c.number + 1) %% 5")):
            options = " ".join(f"WHEN {at} THEN '{one['id']}'" for at, one in enumerate(field.options))
            labels = " ".join(f"WHEN {at} THEN '{one['label']}'" for at, one in enumerate(field.options))
            cursor.execute(
                say.format(option=f"CASE {nth} {options} END", said=f"CASE {nth} {labels} END", number="NULL::bigint"),
                {**known.params, "field": field.pk},
            )
    stage.owner.execute("VACUUM ANALYZE customers_fieldvalue")
    try:
        yield number, choice, several
    finally:
        _forget(known, stage)


def _forget(known: Known, stage: Stage) -> None:
    for sql in (
        "DELETE FROM customers_fieldvalue v USING customers_field f WHERE v.account_id = %(account)s"
        " AND f.account_id = v.account_id AND f.id = v.field_id AND f.label LIKE 'Bench %%'",
        "DELETE FROM customers_field WHERE account_id = %(account)s AND label LIKE 'Bench %%'",
        "DELETE FROM core_event WHERE account_id = %(account)s AND kind LIKE 'own_field.%%'",
    ):
        stage.owner.execute(sql, {"account": known.account.pk})
    stage.owner.execute("VACUUM ANALYZE customers_fieldvalue")


def _pages(known: Known, number: Field, choice: Field, several: Field) -> Iterator[Page]:
    here = account_url(known.account.slug, "customers:list")
    value = """JOIN customers_fieldvalue v ON v.account_id = c.account_id AND v.customer_id = c.id
        AND v.field_id = %(field)s"""

    def filtered(name: str, query: str, field: Field, condition: str, *, has: str = "EXISTS") -> Page:
        """In the order of names; counted up to 1,001."""
        has = f"""{has} (SELECT FROM customers_fieldvalue v WHERE v.account_id = c.account_id AND v.customer_id = c.id
            AND v.field_id = %(field)s AND {condition})"""
        rows = f"""SELECT c.* FROM customers_customer c WHERE c.account_id = %(account)s AND {_LIVING} AND {has}
            ORDER BY c.name_sort, c.id LIMIT 51"""
        count = f"""SELECT count(*) FROM (SELECT FROM customers_customer c WHERE c.account_id = %(account)s AND {_LIVING}
            AND {has} LIMIT 1001) found"""
        params = {**known.params, "field": field.pk}
        return Page("list", f"own field {name}", f"{here}?{query}", LIST, ((rows, params), (count, params)))

    def ordered(name: str, query: str, field: Field, condition: str, order: str) -> Page:
        rows = f"""SELECT c.* FROM customers_customer c {value} WHERE c.account_id = %(account)s AND {_LIVING}
            AND {condition} ORDER BY {order} LIMIT 51"""
        return Page(
            "list", f"own field {name}", f"{here}?{query}", LIST, ((rows, {**known.params, "field": field.pk}),)
        )

    at_least = f"{number.name}_from"
    yield filtered("filter: 5 of 1,000", f"{at_least}=1990", number, "v.number >= 19900000")
    yield filtered("filter: half", f"{at_least}=1000", number, "v.number >= 10000000")
    first = choice.options[0]["id"]
    yield filtered("filter: one of three choices", f"{choice.name}={first}", choice, "v.text = 'a'")
    yield filtered("filter: not filled in", f"{number.name}=_empty", number, "TRUE", has="NOT EXISTS")
    by = f"own_number_{number.pk.hex}"
    yield ordered("order: number", f"sort={by}", number, "v.number IS NOT NULL", "v.number, v.customer_id")
    deep = f"sort={by}&after=10000000~{'0' * 32}&from=51"
    yield ordered("order: number, in the middle", deep, number, "v.number >= 10000000", "v.number, v.customer_id")
    falling = f"sort=-{by}&{at_least}=1000"
    order = "v.number DESC, v.customer_id DESC"
    yield ordered("filter and order: number, falling", falling, number, "v.number >= 10000000", order)
    one = """NOT EXISTS (SELECT FROM customers_fieldvalue w WHERE w.account_id = v.account_id
        AND w.customer_id = v.customer_id AND w.field_id = v.field_id AND w.text {0} v.text)"""
    by = f"own_first_{several.pk.hex}"
    yield ordered("order: several choices", f"sort={by}", several, one.format("<"), "v.text, v.customer_id")
    yield ordered(
        "order: several choices, falling", f"sort=-{by}", several, one.format(">"), "v.text DESC, v.customer_id DESC"
    )
