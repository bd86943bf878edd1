"""Own fields in the list of customers: columns, orders and filters."""

from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.core.walls import scope
from carteira.customers import queries
from carteira.customers.fields.define import add_field, remove_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import Field, Kind
from carteira.customers.fields.values import Reading, clean
from carteira.customers.screens.asked import understand
from conftest import NOW

LIST = "/aurora/customers/"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school(cast, make_customer):
    """Four customers, three of them with something in each field."""
    with scope(cast.aurora.pk):
        fields = {
            "room": add_field(label="Sala", kind="text", by=None, now=NOW),
            "grant": add_field(label="Bolsa %", kind="number", by=None, now=NOW),
            "exam": add_field(label="Prova", kind="date", by=None, now=NOW),
            "shift": add_field(label="Turno", kind="choice", options=["Manhã", "Tarde"], by=None, now=NOW),
            "photo": add_field(label="Autoriza foto", kind="yes_no", by=None, now=NOW),
        }
    people = {name: make_customer(cast.aurora, name) for name in ("Ana", "Beto", "Caio", "Dora")}
    for name, *texts in (
        ("Ana", "Sala 10", "50", "02/03/2026", "manhã", "sim"),
        ("Beto", "sala 2", "7,5", "01/12/2025", "tarde", "não"),
        ("Caio", "Ágora", "100", "15/06/2026", "manhã", "não"),
    ):
        for field, text in zip(fields.values(), texts, strict=True):
            with scope(cast.aurora.pk):
                reading = Reading(cast.aurora, NOW, "pt-br")
                fill(people[name], field, clean(field, text, reading), reading=reading, by=None, now=NOW)
    return fields


def test_the_export_is_in_the_order_of_the_list(cast, school):
    """The file has the customers as the list does."""
    from carteira.customers.sheets import export

    with scope(cast.aurora.pk):
        asked = export._asked({"sort": f"-{sort(school['grant'], 'number')}"}, cast.aurora, NOW)
        found = queries.matching(asked.wanted).order_by(*export._order(asked))
        assert [customer.name for customer in found] == ["Caio", "Ana", "Beto", "Dora"]


def names(page):
    with scope(page.wsgi_request.account.pk):
        return [customer.name for customer in queries.rows(ids_of(page))]


def ids_of(page):
    import re
    from uuid import UUID

    return [UUID(id) for id in re.findall(r'name="id" value="([0-9a-f-]{36})"', page.content.decode())]


def shown(cast, **parameters):
    return names(cast.client(cast.ana).get(f"{LIST}?{urlencode(parameters)}"))


def sort(field, column):
    return f"own_{column}_{field.pk.hex}"


def test_filters_compare_what_is_typed(cast, school):
    """S1-11: by choice, yes or no, whole text, and from and until of numbers and days."""
    name = {key: field.name for key, field in school.items()}
    morning = school["shift"].options[0]["id"]
    assert shown(cast, **{name["shift"]: morning}) == ["Ana", "Caio"]
    assert shown(cast, **{name["photo"]: "0"}) == ["Beto", "Caio"]
    assert shown(cast, **{name["room"]: "SALA 2"}) == ["Beto"]
    assert shown(cast, **{name["room"]: "_empty"}) == ["Dora"]
    assert shown(cast, **{name["room"]: "_filled"}) == ["Ana", "Beto", "Caio"]
    assert shown(cast, **{f"{name['grant']}_from": "50"}) == ["Ana", "Caio"]
    assert shown(cast, **{f"{name['grant']}_from": "8", f"{name['grant']}_until": "50,0"}) == ["Ana"]
    assert shown(cast, **{f"{name['exam']}_until": "2026-03-02"}) == ["Ana", "Beto"]
    assert shown(cast, **{name["shift"]: morning, name["photo"]: "0"}) == ["Caio"]


def test_a_filter_is_told_kept_and_taken_away(cast, school):
    """The chip says it, pages and small forms carry it, nonsense is left out with a word."""
    client = cast.client(cast.ana)
    address = {f"{school['grant'].name}_from": "50"}
    page = client.get(f"{LIST}?{urlencode(address)}")
    assert [chip["label"] for chip in page.context["chips"]] == ["Bolsa % from 50"]
    assert page.context["chips"][0]["remove"] == "?"
    assert page.context["clear_url"] == "?"
    carried = f'name="{school["grant"].name}_from" value="50"'
    assert carried in page.content.decode()
    asked = client.get(f"{LIST}fields/filters/?{urlencode(address)}", headers={"HX-Request": "true"})
    filters = asked.context["filters"]
    assert [one["value"] for one in filters if one["value"]] == ["50"]
    assert "Bolsa %" in client.get(f"{LIST}fields/filters/").content.decode()
    assert shown(cast, **{f"{school['grant'].name}_from": "muito"}) == ["Ana", "Beto", "Caio", "Dora"]
    assert shown(cast, own_0123456789abcdef0123456789abcdef="x") == ["Ana", "Beto", "Caio", "Dora"]


@pytest.mark.parametrize(
    ("key", "column", "order"),
    [
        ("room", "text", ["Caio", "Ana", "Beto"]),
        ("grant", "number", ["Beto", "Ana", "Caio"]),
        ("exam", "on", ["Beto", "Ana", "Caio"]),
        ("shift", "text", ["Ana", "Caio", "Beto"]),
    ],
)
def test_the_list_is_sorted_by_an_own_field(cast, school, key, column, order):
    """In the order of the value, page by page, both ways; whoever has none stands at the end."""
    by = sort(school[key], column)
    found = shown(cast, sort=by)
    assert (found[-1], [name for name in found if name != "Dora"]) == ("Dora", order)
    down = shown(cast, sort=f"-{by}")
    assert down[-1] == "Dora"
    if key != "shift":
        assert down[:-1] == order[::-1]
    with scope(cast.aurora.pk):
        wanted = understand({"sort": by}, cast.aurora, NOW).wanted
        first = queries.page(wanted, size=2)
        second = queries.page(wanted, after=first.next, size=2)
        third = queries.page(wanted, before=second.previous, size=2)
        assert [row.name for row in queries.rows([*first.ids, *second.ids])] == found
        assert third.ids == first.ids


def test_a_place_in_the_list_comes_from_its_address(cast, school):
    """The second page of any order is reached by its link."""
    client = cast.client(cast.ana)
    for field, column in (("grant", "number"), ("exam", "on"), ("room", "text")):
        by = sort(school[field], column)
        with scope(cast.aurora.pk):
            page = queries.page(understand({"sort": by}, cast.aurora, NOW).wanted, size=1)
            from carteira.customers.screens.asked import place_text

            after = place_text(page.next)
        rest = names(client.get(f"{LIST}?{urlencode({'sort': by, 'after': after})}"))
        assert len(rest) == 3
        assert client.get(f"{LIST}?{urlencode({'sort': by, 'after': 'x~y'})}").status_code == 200


def test_columns_are_chosen_and_read_with_the_rows(cast, school):
    """A column more is no query more a row; removed fields are no columns."""
    client = cast.client(cast.ana)
    chosen = ["name", school["grant"].name, school["exam"].name, school["shift"].name]
    client.post("/aurora/customers/columns/", {"column": chosen})
    page = client.get(LIST)
    assert [str(column.label) for column in page.context["layout"].columns.values()] == [
        "Name",
        "Bolsa %",
        "Prova",
        "Turno",
    ]
    text = page.content.decode()
    assert "7,5" in text
    assert "01/12/2025" in text
    assert "Manhã" in text
    with CaptureQueriesContext(connection) as three:
        client.get(LIST)
    client.post("/aurora/customers/columns/", {"column": chosen[:2]})
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    assert len(one) == len(three)
    client.post("/aurora/customers/columns/", {"column": chosen})
    with scope(cast.aurora.pk):
        remove_field(school["grant"], by=None, now=NOW)
    assert "Bolsa %" not in [str(one.label) for one in client.get(LIST).context["layout"].columns.values()]
    assert "Prova" in client.get("/aurora/customers/columns/").content.decode()


@pytest.mark.parametrize(
    ("kind", "column", "said", "order", "falling"),
    [
        ("long", "text", ("Zeca gosta\nde sol", "árvore", "mar"), ["Beto", "Caio", "Ana"], ["Ana", "Caio", "Beto"]),
        ("address", "text", ("Rua B, 2", "rua a, 10", "Avenida"), ["Caio", "Beto", "Ana"], ["Ana", "Beto", "Caio"]),
        ("choices", "first", ("Seg, Ter", "Qua; Seg", "Sex"), ["Beto", "Ana", "Caio"], ["Ana", "Caio", "Beto"]),
    ],
)
def test_also_by_long_texts_addresses_and_several_choices(cast, make_customer, kind, column, said, order, falling):
    """Of long ones by their beginning, of several choices by the first of them by alphabet, falling by the last; each customer once, both ways,
    page by page, in the export too; whoever has none stands at the end."""
    from carteira.customers.sheets import export

    options = {"options": ["Seg", "Ter", "Qua", "Sex"]} if kind == "choices" else {}
    with scope(cast.aurora.pk):
        field = add_field(label="Campo", kind=kind, by=None, now=NOW, **options)
    for name, text in zip(("Ana", "Beto", "Caio", "Dora"), (*said, ""), strict=True):
        customer = make_customer(cast.aurora, name)
        with scope(cast.aurora.pk):
            reading = Reading(cast.aurora, NOW, "pt-br")
            fill(customer, field, clean(field, text, reading), reading=reading, by=None, now=NOW)
    by = sort(field, column)
    assert shown(cast, sort=by) == [*order, "Dora"]
    assert shown(cast, sort=f"-{by}") == [*falling, "Dora"]
    with scope(cast.aurora.pk):
        wanted = understand({"sort": by}, cast.aurora, NOW).wanted
        first = queries.page(wanted, size=2)
        second = queries.page(wanted, after=first.next, size=2)
        assert [row.name for row in queries.rows([*first.ids, *second.ids])] == [*order, "Dora"]
        assert queries.page(wanted, before=second.previous, size=2).ids == first.ids
        for sign, names_ in (("", order), ("-", falling)):
            asked = export._asked({"sort": sign + by}, cast.aurora, NOW)
            found = queries.matching(asked.wanted).order_by(*export._order(asked))
            assert [customer.name for customer in found] == [*names_, "Dora"]
    page = cast.client(cast.ana).get(f"{LIST}?{urlencode({'sort': by, 'columns': field.name})}").content.decode()
    assert f"sort=-{by}" in page


def test_an_order_asks_its_filters_one_by_one(cast):
    """Architecture 3: half of 20,000 fit and the list is in the order of the same field: nobody is read beforehand."""
    with scope(cast.aurora.pk):
        field = add_field(label="Bolsa", kind="number", by=None, now=NOW)
        _fill_many(cast.aurora, field)
        asked = {"sort": f"-{sort(field, 'number')}", f"{field.name}_from": "1000"}
        wanted = understand(asked, cast.aurora, NOW).wanted
        plan = _plan(queries._part(wanted, False, None, backwards=False).values_list("key", "id")[:51])
        assert "Backward using customers_field_number" in plan
        assert "Sort" not in plan
        assert "Hash" not in plan
        assert len(queries.page(wanted).ids) == queries.PAGE
        empty = understand({field.name: "_empty"}, cast.aurora, NOW).wanted
        assert (queries.page(empty).ids, queries.count(empty)) == ([], 0)


def test_several_choices_walk_an_index(cast):
    """Architecture 3: 20,000 customers with two choices each; the second one costs a probe."""
    with scope(cast.aurora.pk):
        field = add_field(label="Dias", kind="choices", options=["Seg", "Ter", "Qua"], by=None, now=NOW)
        _fill_many(cast.aurora, field)
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE customers_fieldvalue SET number = NULL, option = 'a', text = 'c' || right(id::text, 1)""",
            )
            cursor.execute(
                """INSERT INTO customers_fieldvalue (account_id, field_id, customer_id, option, said, text, fits, alone)
                SELECT account_id, field_id, customer_id, 'b', said, 'd' || right(id::text, 1), true, false
                FROM customers_fieldvalue"""
            )
            cursor.execute("ANALYZE customers_fieldvalue")
        for by in (sort(field, "first"), f"-{sort(field, 'first')}"):
            wanted = understand({"sort": by}, cast.aurora, NOW).wanted
            page = queries.page(wanted)
            assert len(set(page.ids)) == queries.PAGE
            plan = _plan(queries._part(wanted, False, page.next, backwards=False).values_list("key", "id")[:51])
            assert "customers_field_text" in plan
            assert "Seq Scan" not in plan
            assert "Sort" not in plan.replace("Incremental Sort", "")


def test_documents_are_columns_for_whoever_sees_them_whole(cast):
    """S1-09: a reader is offered no column of documents."""
    with scope(cast.aurora.pk):
        add_field(label="CPF da mãe", kind=Kind.DOCUMENT, by=None, now=NOW)
    assert "CPF da mãe" in cast.client(cast.ana).get("/aurora/customers/columns/").content.decode()
    assert "CPF da mãe" not in cast.client(cast.caio).get("/aurora/customers/columns/").content.decode()


def test_a_filter_and_an_order_walk_an_index(cast):
    """Architecture 3: filtered and sorted by typed columns, 20,000 customers and values, as the app role."""
    with scope(cast.aurora.pk):
        field = add_field(label="Bolsa", kind="number", by=None, now=NOW)
        _fill_many(cast.aurora, field)
        wanted = understand({"sort": sort(field, "number")}, cast.aurora, NOW).wanted
        some = understand({f"{field.name}_from": "1990"}, cast.aurora, NOW).wanted
        page = queries.page(wanted)
        deep = queries._part(wanted, False, page.next, backwards=False).values_list("key", "id")[:51]
        plan = _plan(deep)
        assert "customers_field_number" in plan
        assert "Seq Scan" not in plan
        assert "Sort" not in plan.replace("Incremental Sort", "")
        plan = _plan(queries._part(some, False, None, backwards=False).values_list("key", "id")[:51])
        assert "customers_field_number" in plan
        assert "Seq Scan" not in plan
        assert queries.count(some) == 100


def _plan(rows):
    sql, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", parameters)
        return "\n".join(row[0] for row in cursor.fetchall())


def _fill_many(account, field: Field, many: int = 20_000):
    with connection.cursor() as cursor:
        given = {"account": account.pk, "field": field.pk, "many": many, "now": NOW, "on": NOW.date()}
        cursor.execute(
            """INSERT INTO customers_customer (account_id, id, number, code, kind, name, email, document_kind, document,
                phone, city, state, registered_on, created_at, updated_at, name_sort, city_sort, search, counted_from)
            SELECT %(account)s, uuidv7(), n, '', 'person', 'C' || n, '', '', '', '', '', '', %(on)s, %(now)s, %(now)s,
                'c' || n, '', 'c' || n, %(on)s FROM generate_series(1, %(many)s) n""",
            given,
        )
        cursor.execute(
            """INSERT INTO customers_fieldvalue (account_id, id, field_id, customer_id, option, said, text, number, fits,
                alone)
            SELECT %(account)s, uuidv7(), %(field)s, c.id, '', 'x', 'x', (c.number %% 2000) * 10000, true, false
            FROM customers_customer c WHERE c.account_id = %(account)s""",
            given,
        )
        # Else the foreign keys are checked by plans from when the tables were empty: each by reading all of them.
        cursor.execute("SELECT core_analyze('{customers_customer,customers_fieldvalue}'::regclass[])")


def test_the_export_has_a_column_for_each_own_field(cast, school):
    """Numbers and days are cells of their kind; choices and yes and no are words."""
    from datetime import date
    from decimal import Decimal

    from carteira.core.sheets.exports.registry import Asking
    from carteira.customers.sheets.export import CUSTOMERS

    with scope(cast.aurora.pk):
        asking = Asking(cast.aurora, "pt-br", NOW, {"q": "Ana"})
        labels = [str(column.label) for column in CUSTOMERS.more(asking)]
        assert labels == ["Sala", "Bolsa %", "Prova", "Turno", "Autoriza foto"]
        with connection.cursor() as cursor:
            cursor.execute(*CUSTOMERS.query(asking))
            [row] = cursor.fetchall()
        cells = CUSTOMERS.line(asking)(row)
    assert len(cells) == len(CUSTOMERS.columns) + len(labels)
    assert list(cells[-5:]) == ["Sala 10", Decimal(50), date(2026, 3, 2), "Manhã", "Sim"]
    assert str(cells[-4]) == "50"
