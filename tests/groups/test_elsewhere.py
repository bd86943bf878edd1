"""Issue 4, S3-06: any list filters by group: the list of all invoices, and exports of customers, invoices, payments."""

import csv
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.accounts.models import Membership
from carteira.billing import ledger
from carteira.billing.issue import invoice_once
from carteira.core.walls import scope
from carteira.customers.lifecycle import view_of
from carteira.groups import whose_rows
from carteira.groups.belong import add_many
from carteira.groups.change import change_rule
from carteira.groups.make import make_group
from carteira.groups.models import Group
from carteira.groups.remove import delete_group
from conftest import NOW, TODAY

LATELY = {"all": [{"field": "last_payment", "is": "within", "value": 10}]}
LIST = "/aurora/billing/invoices/"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def money(cast, make_customer):
    """Ana paid lately, Bia long ago, Caio never; each owes. The neighbour has the same."""
    found = {}
    for account in (cast.boreal, cast.aurora):
        paid = {"Ana": [(TODAY - timedelta(2), 100)], "Bia": [(TODAY - timedelta(20), 200)], "Caio": []}
        people = {name: make_customer(account, name, paid=days) for name, days in paid.items()}
        with scope(account.pk):
            for nth, person in enumerate(people.values(), 1):
                invoice_once(person, amount=nth * 1000, due_on=TODAY, issue_on=TODAY, by=None, now=NOW)
            hand = make_group(account, name="Turma A", by=None, now=NOW)
            add_many(hand, [people["Bia"].pk, people["Caio"].pk], by=None, now=NOW)
            lately = make_group(account, name="Lately", rule=LATELY, by=None, now=NOW)
            found = {"hand": str(hand.pk), "lately": str(lately.pk), "none": "none", "foreign": found.get("hand", "")}
    return found


def invoices(cast, user=None, **asked):
    response = cast.client(user or cast.beto).get(LIST, asked)
    text = response.content.decode()
    return sorted(set(re.findall(r'class="row-link".*?</span>(\w+)', text))), text


@pytest.mark.parametrize("few", [0, 500])
@pytest.mark.parametrize(
    ("group", "names"),
    [("hand", ["Bia", "Caio"]), ("lately", ["Ana"]), ("none", []), ("foreign", ["Ana", "Bia", "Caio"])],
)
@pytest.mark.parametrize("month", ["", "all"])
def test_invoices_of_a_group(cast, money, monkeypatch, few, group, names, month):
    """S3-06, Invoice Ninja #5463: invoices of a group, a month's and all months'; another business's group is none, and that is said."""
    monkeypatch.setattr(whose_rows, "FEW", few)
    shown, text = invoices(cast, group=money[group], month=month)
    assert shown == names
    assert ("That group is not there any more" in text) is (group == "foreign")


def test_counts_and_sums_are_of_the_group(cast, money):
    """S3-04, S3-06: what the bar sums is what the list shows; choosing a status keeps the group."""
    _names, text = invoices(cast, group=money["hand"])
    assert "R$ 50.00" in text or "R$50.00" in text or "50,00" in text
    assert f"status=issued&amp;group={money['hand']}" in text or f"group={money['hand']}&amp;status=issued" in text


def test_between_midnight_and_the_clock_the_rule_answers(cast, money):
    """The cache is of yesterday: Ana's payment is too long ago by now."""
    with time_machine.travel(NOW + timedelta(days=9), tick=False):
        assert invoices(cast, group=money["lately"], month="all")[0] == []
        assert invoices(cast, group="none", month="all")[0] == ["Ana"]


def test_who_may_not_see_customers_is_not_asked_about_groups(cast, money):
    Membership.objects.filter(user=cast.beto).update(denied=["customers.see"])
    shown, text = invoices(cast, group=money["hand"])
    assert "Turma A" not in text
    assert len(shown) == 3


def test_a_group_costs_the_list_two_queries(cast, money):
    """One for the groups to choose from, one for the group; whatever their number."""
    client = cast.client(cast.beto)

    def cost(query):
        client.get(LIST, query)
        with CaptureQueriesContext(connection) as made:
            client.get(LIST, query)
        return len([one for one in made.captured_queries if "groups_group" in one["sql"]])

    assert (cost({}), cost({"group": money["lately"]})) == (1, 2)


def exported(tmp_path, kind, *filters):
    file = tmp_path / f"{kind}{len(filters)}.csv"
    arguments = [part for one in filters for part in ("--filter", one)]
    call_command("export_sheet", kind, str(file), "--account", "aurora", *arguments)
    text = file.read_text("utf-8-sig")
    return list(csv.reader(text.splitlines(), delimiter=";" if ";" in text.splitlines()[0] else ","))[1:]


@pytest.mark.parametrize("kind", ["customers", "invoices", "payments"])
def test_exports_of_a_group(cast, money, tmp_path, kind):
    """S3-06: by the group's name; customers, invoices, payments."""
    rows = exported(tmp_path, kind, "group=turma a")
    told = {name for row in rows for name in ("Ana", "Bia", "Caio") if name in row}
    assert told == ({"Bia"} if kind == "payments" else {"Bia", "Caio"})
    with pytest.raises(CommandError):
        exported(tmp_path, kind, "group=Nobody", "sort=name" if kind == "customers" else "from=2026-01-01")


@pytest.mark.parametrize("kind", ["invoices", "payments"])
def test_exports_of_nobodys_and_of_a_stale_rule(cast, money, tmp_path, kind):
    with scope(cast.aurora.pk):
        change_rule(Group.objects.get(name="Lately"), cast.aurora, rule=None, by=None, now=NOW)
    assert {row[2 if kind == "invoices" else 5] for row in exported(tmp_path, kind, "group=none")} == {"Ana"}


def test_on_screen_a_group_is_chosen_for_an_export(cast, money):
    """The form of each kind offers the groups to whoever sees customers, and a deleted one exports nobody."""
    client = cast.client(cast.ana)
    assert 'name="group"' in client.get("/aurora/exports/").content.decode()
    made = client.post("/aurora/exports/", {"kind": "payments", "format": "csv", "group": money["hand"]})
    assert made.status_code == 302
    Membership.objects.filter(user=cast.sofia).update(denied=["customers.see"])
    assert 'name="group"' not in cast.client(cast.sofia).get("/aurora/exports/").content.decode()
    with scope(cast.aurora.pk):
        delete_group(Group.objects.get(name="Turma A"), cast.aurora, by=None, now=NOW)
    again = client.post(f"{made['Location']}again/")
    assert again.status_code == 302


def test_planned_for_a_million(cast):
    """Architecture 8: of a few members through the customer's index, of many by a probe a row; never the whole table."""
    with scope(cast.aurora.pk), connection.cursor() as cursor:
        small = make_group(cast.aurora, name="Small", by=None, now=NOW)
        large = make_group(cast.aurora, name="Large", by=None, now=NOW)
        cursor.execute(
            "INSERT INTO customers_customer (account_id, number, code, kind, name, email, document_kind, document, phone,"
            " city, state, registered_on, created_at, updated_at, name_sort, city_sort, search, counted_from)"
            " SELECT %s, n, '', 'person', 'N' || n, '', '', '', '', '', '', %s, now(), now(), 'n' || n, '', 'n' || n, %s"
            " FROM generate_series(1, 10000) AS n",
            [cast.aurora.pk, TODAY, TODAY],
        )
        cursor.execute(
            "INSERT INTO groups_member (account_id, group_id, customer_id, cause, resting)"
            " SELECT account_id, g.id, c.id, 'hand', false FROM customers_customer c"
            " CROSS JOIN (VALUES (%s::uuid, 50), (%s::uuid, 5000)) AS g(id, most) WHERE account_id = %s AND number <= most",
            [small.pk, large.pk, cast.aurora.pk],
        )
        cursor.execute(
            "INSERT INTO billing_invoice (account_id, customer_id, series, number, external_id, description, amount,"
            " issue_on, issued_on, issued_at, due_on, effective_due_on, cancel_reason, created_at, paid_amount, settled_on)"
            " SELECT c.account_id, c.id, 'own', (c.number * 10 + m)::text, '', '', 100, d.on, d.on, now(), d.on, d.on, '',"
            " now(), 100, d.on FROM customers_customer c CROSS JOIN generate_series(0, 9) AS m"
            " CROSS JOIN LATERAL (SELECT %s::date - (m * 30)::int AS on) d WHERE c.account_id = %s",
            [TODAY, cast.aurora.pk],
        )
        cursor.execute("SELECT core_analyze('{customers_customer,groups_member,billing_invoice}'::regclass[])")
        Group.objects.filter(pk=small.pk).update(members=50)
        Group.objects.filter(pk=large.pk).update(members=5000)
    with scope(cast.aurora.pk):
        view = view_of(cast.aurora, now=NOW)
        month = TODAY.replace(day=1)
        for group in (small, large):
            found = whose_rows.whose(str(group.pk), cast.aurora, view)
            narrow = {"who": found.condition} if found.few else {"group": found.condition}
            assert found.few is (group == small)
            for wanted in (ledger.Wanted(TODAY, **narrow), ledger.Wanted(TODAY, month=month, **narrow)):
                with CaptureQueriesContext(connection) as asked:
                    assert len(ledger.page(wanted).ids) == 50
                    ledger.totals(wanted)
                for query in asked.captured_queries:
                    with connection.cursor() as cursor:
                        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query["sql"])
                        seen = str(cursor.fetchone()[0])
                    assert not re.search(r"'Seq Scan'[^{}]*'Relation Name': 'billing_invoice'", seen), seen
                    if found.few:
                        # Ten invoices each of fifty customers, however many others there are.
                        assert max(int(n) for n in re.findall(r"'Actual Rows': (\d+)", seen)) <= 500, seen
