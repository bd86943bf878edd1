"""Pages of the list against the plain rule: every order, every tab, every day, whichever way they are found."""

import random
import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.accounts.models import User
from carteira.billing.issue import invoice_once
from carteira.billing.models import Payment
from carteira.billing.pay import record_payment, reverse_payment
from carteira.core.walls import scope
from carteira.customers import archive, queries, why
from carteira.customers.lifecycle import State, view_of
from carteira.customers.models import Customer
from carteira.customers.owners import owners
from conftest import NOW, TODAY

CITIES = ("", "Natal", "São Paulo")
NAMES = ("Zoé", "ana", "Bia", "Bia")
DAYS = (None, TODAY - timedelta(1), TODAY - timedelta(45), TODAY - timedelta(150), TODAY - timedelta(400))
TABS = [(None, False), (None, True), *((state, False) for state in State), (State.INACTIVE, True)]


def history(account, make_customer, seed):
    """Two dozen customers with names that tie, payments, reversals, debts, archivings and returns."""
    dice = random.Random(seed)
    # Two share a name: the id tells them apart.
    people = [
        None,
        *(User.objects.create_user(f"{name}{nth}@example.com", name=name) for nth, name in enumerate(NAMES)),
    ]

    def ago(most, least=0):
        return TODAY - timedelta(days=dice.randint(least, most))

    for nth in range(24):
        registered = ago(420, 30)
        customer = make_customer(
            account,
            dice.choice(["Ana Lima", "Ana Souza", f"Rui {nth}"]),
            registered_on=registered,
            city=dice.choice(CITIES),
            owner=people[nth % len(people)],
        )
        for _ in range(dice.choice([0, 1, 3, 5])):
            paid_on = max(ago(400), registered)
            record_payment(customer, amount=1000, paid_on=paid_on, method="pix", by=None, now=NOW)
        payments = list(Payment.objects.filter(customer=customer).order_by("paid_on"))
        if payments and dice.random() < 0.4:
            last = payments[-1]
            reverse_payment(last, on=max(last.paid_on, ago(90)), owed_again=False, by=None, now=NOW)
        if dice.random() < 0.3:
            due_on = ago(200)
            invoice_once(customer, amount=500, due_on=due_on, issue_on=due_on, by=None, now=NOW)
        elif dice.random() < 0.4:
            customer.refresh_from_db()
            left = max(filter(None, [customer.last_paid_on, registered])) + timedelta(days=dice.randint(0, 20))
            archive.archive(customer, on=min(left, TODAY), by=None, now=NOW)
            if dice.random() < 0.5:
                archive.unarchive(customer, on=min(left + timedelta(days=40), TODAY), by=None, now=NOW)


def walked(wanted, size, backwards=False):
    """All ids, page by page, from one end or back again from the other."""
    page = queries.page(wanted, size=size)
    ids, pages = list(page.ids), [page]
    while page.next:
        page = queries.page(wanted, after=page.next, size=size)
        pages.append(page)
        ids += page.ids
    if not backwards:
        return ids
    ids = list(page.ids)
    while page.previous:
        page = queries.page(wanted, before=page.previous, size=size)
        ids = page.ids + ids
    assert page.ids == pages[0].ids, "paging back ends where it began"
    return ids


def sorts_of(view, state):
    """The day of archiving is a sort of today's archive alone."""
    return [sort for sort in queries.SORTS if sort != "archived" or (state is State.ARCHIVED and view.live)]


def expected(wanted, told):
    """The rule in Python, and Python's own sorting."""
    view, found = wanted.view, []
    for customer in Customer.objects.all():
        story = told[customer.pk]
        in_tab = story.state is wanted.state if wanted.state else story.state is not State.ARCHIVED
        if customer.counted_from > view.day or not in_tab or (wanted.delinquent and not story.delinquent):
            continue
        if wanted.city and customer.city_sort != wanted.city:
            continue
        if wanted.owner and customer.owner_id != wanted.owner:
            continue
        if wanted.nobodys and customer.owner_id:
            continue
        last = story.last_paid_on
        if wanted.paid_within is not None and not (last and last >= view.day - timedelta(wanted.paid_within)):
            continue
        if wanted.paid_before is not None and not (last and last < view.day - timedelta(wanted.paid_before)):
            continue
        key = {
            "name": customer.name_sort,
            "number": customer.number,
            "registered": customer.registered_on,
            "paid": last,
            "archived": customer.archived_on,
            "owner": (str(customer.owner).casefold(), customer.owner_id, customer.name_sort)
            if customer.owner
            else None,
        }[wanted.sort]
        found.append((key, customer))
    with_key = sorted(((key, row.pk) for key, row in found if key is not None), reverse=wanted.descending)
    blank = sorted(_without_key(row, wanted) for key, row in found if key is None)
    if wanted.sort == "owner" and wanted.descending:
        blank.reverse()
    return [pk for _key, pk in with_key] + [pk for _key, pk in blank]


def _without_key(customer, wanted):
    return customer.name_sort if wanted.sort == "owner" else "", customer.pk


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("day", DAYS)
def test_every_page_of_every_list_is_what_the_rule_says(cast, make_customer, seed, day):
    """S0-10 to S0-14, S2-07: sorted by each column, forth and back, with ties and blanks, live and as of past days;
    the way for tabs with few customers finds the same."""
    with scope(cast.aurora.pk):
        history(cast.aurora, make_customer, seed)
        view = view_of(cast.aurora, now=NOW, day=day)
        told = why.stories(Customer.objects.all(), view)
        seen = 0
        for (state, delinquent), sort, descending in product(TABS, queries.SORTS, (False, True)):
            if sort not in sorts_of(view, state):
                continue
            wanted = queries.Wanted(view, state=state, delinquent=delinquent, sort=sort, descending=descending)
            rows = expected(wanted, told)
            seen += len(rows)
            for few in (False, True):
                assert walked(replace(wanted, few=few), 9) == rows, (wanted, few)
            assert walked(wanted, 5, backwards=True) == rows, wanted
    assert seen


@pytest.mark.parametrize("day", [None, TODAY - timedelta(45)])
def test_filters_narrow_every_order_alike(cast, make_customer, day):
    """City and the age of the last payment, alone and together."""
    with scope(cast.aurora.pk):
        history(cast.aurora, make_customer, 4)
        view = view_of(cast.aurora, now=NOW, day=day)
        told = why.stories(Customer.objects.all(), view)
        somebody = Customer.objects.filter(owner__name="Bia").order_by("owner_id").first().owner_id
        filters = [
            {"owner": somebody},
            {"nobodys": True},
            {"owner": somebody, "paid_within": 300},
            {"city": "natal"},
            {"paid_within": 80},
            {"paid_before": 80},
            {"city": "natal", "paid_before": 30},
        ]
        for more, sort, (state, delinquent) in product(filters, queries.SORTS, TABS):
            if sort not in sorts_of(view, state):
                continue
            wanted = queries.Wanted(view, state=state, delinquent=delinquent, sort=sort, **more)
            assert walked(wanted, 4) == expected(wanted, told), wanted
            assert queries.count(wanted) == len(expected(wanted, told))


def test_a_page_asks_one_query_for_its_keys(cast, make_customer, django_assert_num_queries):
    """And a second one only where those with a payment and those without meet."""
    for name in ("Ana", "Bia", "Caio"):
        make_customer(cast.aurora, name, paid=[(TODAY, 100)])
    make_customer(cast.aurora, "Davi")
    with scope(cast.aurora.pk):
        wanted = queries.Wanted(view_of(cast.aurora, now=NOW), sort="paid", descending=True)
        with django_assert_num_queries(1):
            assert len(queries.page(wanted, size=2).ids) == 2
        with django_assert_num_queries(2):
            assert len(queries.page(wanted).ids) == 4


def test_by_person_in_charge_asks_as_much_for_one_as_for_all(cast, make_customer, django_assert_num_queries):
    """The names of the people, all their customers, and nobody's: three queries, however many people there are."""
    for nth in range(7):
        owner = User.objects.create_user(f"p{nth}@example.com", name=f"P{nth}")
        make_customer(cast.aurora, f"N{nth}", owner=owner)
        make_customer(cast.aurora, f"M{nth}", owner=None)
    with scope(cast.aurora.pk):
        for descending in (False, True):
            wanted = queries.Wanted(view_of(cast.aurora, now=NOW), sort="owner", descending=descending)
            with django_assert_num_queries(3):
                page = queries.page(wanted)
            names = [Customer.objects.get(pk=id).name for id in page.ids]
            falling = -1 if descending else 1
            assert names == [f"N{nth}" for nth in range(7)][::falling] + [f"M{nth}" for nth in range(7)][::falling]
            # From the middle on: the rest of one person's customers besides.
            after = queries.page(wanted, size=2).next
            with django_assert_num_queries(4):
                assert len(queries.page(wanted, after=after).ids) == 12


def test_people_of_other_businesses_have_no_place_here(cast, make_customer):
    """A1: members and whoever is in charge of somebody here; nobody next door, whoever's id is asked for."""
    left = User.objects.create_user("left@example.com", name="Zuza")
    make_customer(cast.aurora, "Ana", owner=left)
    make_customer(cast.boreal, "Eva", owner=cast.dora)
    with scope(cast.aurora.pk):
        assert set(owners()) == {cast.ana.pk, cast.beto.pk, cast.caio.pk, cast.sofia.pk, left.pk}
        assert list(owners().values())[-1] == "Zuza"
        wanted = queries.Wanted(view_of(cast.aurora, now=NOW), owner=cast.dora.pk)
        assert queries.page(wanted).ids == []


def test_lists_by_person_in_charge_walk_indexes(cast, make_customer):
    """Planned for many (architecture 8): no list by or of a person reads the whole table or sorts it."""
    with scope(cast.aurora.pk), connection.cursor() as cursor:
        people = [User.objects.create_user(f"p{nth}@example.com", name=f"P{nth}").pk for nth in range(5)]
        cursor.execute(
            "INSERT INTO customers_customer (account_id, number, code, kind, name, email, document_kind, document, phone,"
            " city, state, registered_on, created_at, updated_at, name_sort, city_sort, search, counted_from, owner_id)"
            " SELECT %s, n, '', 'person', 'N' || n, '', '', '', '', '', '', %s, now(), now(), 'n' || n, '', 'n' || n, %s,"
            " CASE WHEN n %% 2 = 0 THEN (%s::uuid[])[1 + n %% 5] END FROM generate_series(1, 60000) AS n",
            [cast.aurora.pk, TODAY, TODAY, people],
        )
        cursor.execute("SELECT core_analyze('{customers_customer}'::regclass[])")
    with scope(cast.aurora.pk):
        view = view_of(cast.aurora, now=NOW)
        middle = queries.Place(queries.Charge(people[2], "n3"), uuid4())
        nobodys = queries.Place(queries.Charge(None, "n3"), uuid4())
        for wanted, after in (
            (queries.Wanted(view, sort="owner"), None),
            (queries.Wanted(view, sort="owner", descending=True), None),
            (queries.Wanted(view, sort="owner"), middle),
            (queries.Wanted(view, sort="owner"), nobodys),
            (queries.Wanted(view, owner=people[0]), None),
            (queries.Wanted(view, nobodys=True), None),
        ):
            with CaptureQueriesContext(connection) as asked:
                assert len(queries.page(wanted, after=after).ids) == 50
            for query in asked.captured_queries:
                with connection.cursor() as cursor:
                    cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query["sql"])
                    seen = str(cursor.fetchone()[0])
                assert (
                    "'Seq Scan', 'Parallel Aware': False, 'Async Capable': False, 'Relation Name': 'customers"
                    not in seen
                )
                read = [int(rows) for rows in re.findall(r"'Actual Rows': ([\d]+)", seen)]
                assert max(read) <= 60, (wanted, query["sql"], seen)


def test_a_place_that_is_gone_shows_what_follows_it(cast, make_customer):
    """The place is a value and an id, not a row: the list goes on where the row would be."""
    for name in ("Ana", "Bia", "Caio"):
        make_customer(cast.aurora, name)
    with scope(cast.aurora.pk):
        wanted = queries.Wanted(view_of(cast.aurora, now=NOW))
        after = queries.page(wanted, size=2).next
        Customer.objects.filter(pk=after.id).delete()
        assert [Customer.objects.get(pk=id).name for id in queries.page(wanted, after=after).ids] == ["Caio"]
        never = queries.Place("b", Customer.objects.first().pk)
        assert [Customer.objects.get(pk=id).name for id in queries.page(wanted, after=never).ids] == ["Caio"]


def test_cities_come_once_and_in_order(cast, make_customer):
    for city in ("São Paulo", "natal", "Natal", "", "Águas"):
        make_customer(cast.aurora, city=city)
    make_customer(cast.boreal, city="Belém")
    with scope(cast.aurora.pk):
        assert queries.cities() in (["Águas", "natal", "São Paulo"], ["Águas", "Natal", "São Paulo"])
        assert queries.cities(limit=1) == ["Águas"]


def test_days_are_the_accounts(cast, make_customer):
    """A filter in days counts back from the day looked at, not from today."""
    make_customer(cast.aurora, "Ana", paid=[(date(2026, 9, 1), 100)])
    with scope(cast.aurora.pk):
        then = view_of(cast.aurora, now=NOW, day=date(2026, 9, 11))
        assert len(queries.page(queries.Wanted(then, paid_within=10)).ids) == 1
        assert queries.page(queries.Wanted(then, paid_within=9)).ids == []
        assert queries.page(queries.Wanted(then, paid_before=10)).ids == []
        assert len(queries.page(queries.Wanted(then, paid_before=9)).ids) == 1
