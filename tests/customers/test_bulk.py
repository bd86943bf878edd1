"""Changing many at once: the same rows as one by one, in parts, with reasons and an undo."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from carteira.billing.issue import invoice_once
from carteira.core.events.models import Event
from carteira.core.jobs.worker import do_waiting_jobs
from carteira.core.verify import verify_account
from carteira.core.walls import scope
from carteira.customers.anonymise import anonymise
from carteira.customers.archive import CannotArchive, CannotUnarchive, archive, unarchive
from carteira.customers.archive_checklist import blockers, blockers_of_many
from carteira.customers.archive_many import NAME, Wish, archive_many, take_back_many, unarchive_many
from carteira.customers.assign_many import assign_many
from carteira.customers.bulk import jobs, run, start, told
from carteira.customers.bulk.models import BulkAct, BulkPart
from carteira.customers.bulk.start import CannotStart
from carteira.customers.edit import edit
from carteira.customers.edit_many import edit_many
from carteira.customers.models import ArchivePeriod, Customer, Span
from carteira.customers.selection import Selection
from conftest import NOW, TODAY, examples, undone

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def facts():
    """Everything archiving and editing write, told by customers' numbers."""
    number = dict(Customer.objects.values_list("id", "number"))
    days = ("archived_on", "first_paid_on", "last_paid_on", "oldest_due_on", "counted_from")
    return {
        "customers": sorted(
            Customer.objects.values_list(
                "number", "city", "city_sort", "state", "kind", "source", "owner_id", *days, "updated_at"
            )
        ),
        "periods": sorted(
            (number[c], *rest)
            for c, *rest in ArchivePeriod.objects.values_list("customer_id", "from_on", "until_on", "reason", "note")
        ),
        "spans": sorted(
            (number[c], *rest) for c, *rest in Span.objects.values_list("customer_id", "kind", "from_on", "until_on")
        ),
        "events": sorted(
            (number[c], kind, str(sorted(what.items())), str(sorted(personal.items())), at)
            for c, kind, what, personal, at in Event.objects.values_list(
                "customer_id", "kind", "what", "personal", "at"
            )
            if kind != "customer.registered"
        ),
    }


def people(make_customer, account):
    """Of every sort: lead, active, inactive, owing, paid in advance of the day, in the archive, back from it."""
    made = [
        make_customer(account, "Lia", city="Natal", registered_on=date(2026, 5, 1)),
        make_customer(account, "Ari", city="Recife", paid=[(date(2026, 11, 1), 100)]),
        make_customer(account, "Ina", paid=[(date(2026, 8, 30), 100), (date(2026, 8, 31), 50)]),
        make_customer(account, "Paid today", paid=[(TODAY, 100)]),
        make_customer(account, "Owes"),
        make_customer(account, "Owes later"),
        make_customer(account, "Gone", registered_on=date(2026, 1, 1)),
        make_customer(account, "Back", registered_on=date(2026, 1, 1)),
        make_customer(account, "New", registered_on=TODAY),
    ]
    with scope(account.pk):
        for customer in made[4:6]:
            invoice_once(customer, amount=500, due_on=date(2026, 12, 1), by=None, now=NOW)
        invoice_once(made[5], amount=700, due_on=date(2027, 1, 1), issue_on=TODAY + timedelta(30), by=None, now=NOW)
        archive(made[6], on=date(2026, 3, 1), by=None, now=NOW)
        archive(made[7], on=date(2026, 3, 1), by=None, now=NOW)
        unarchive(made[7], on=YESTERDAY, by=None, now=NOW)
        return [customer.pk for customer in Customer.objects.order_by("number")]


@settings(
    phases=[Phase.generate],
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    ago=st.integers(0, 300),
    reason=st.sampled_from([("", ""), ("churn", "Moved away"), ("lost", "Too dear"), ("", "Said good-bye")]),
    back=st.integers(0, 200),
    wanted=st.sets(st.integers(0, 8), min_size=1),
)
def test_many_write_what_one_by_one_writes(cast, make_customer, ago, reason, back, wanted):
    """S0-14, S2-08, S2-12: archive, bring back and edit, each customer alone or all in one statement."""
    with undone():
        on, back_on = TODAY - timedelta(ago), TODAY - timedelta(back)
        told = []
        for account in (cast.aurora, cast.boreal):
            ids = people(make_customer, account)
            chosen = [ids[at] for at in sorted(wanted)]
            with scope(account.pk):
                many = account == cast.aurora
                archiving = _many_archived if many else _one_by_one_archived
                refusals = archiving(account, chosen, on, *reason)
                back_refusals = (_many_back if many else _one_by_one_back)(account, chosen, back_on)
                for field, value in (
                    ("city", "São Luís"),
                    ("city", ""),
                    ("source", "Feira"),
                    ("kind", "company"),
                    ("state", "MA"),
                ):
                    if many:
                        edit_many(chosen, field=field, value=value, by=cast.ana, now=NOW)
                    else:
                        for customer in Customer.objects.filter(pk__in=chosen):
                            edit(customer, by=cast.ana, now=NOW, **{field: value})
                for owner in (cast.beto, cast.caio, None):
                    if many:
                        assign_many(chosen, owner=owner and owner.pk, by=cast.ana, now=NOW)
                    else:
                        for customer in Customer.objects.filter(pk__in=chosen):
                            edit(customer, by=cast.ana, now=NOW, owner=owner)
                told.append((refusals, back_refusals, facts()))
            assert list(verify_account(account)) == []
        assert told[0] == told[1]


def _many_archived(account, ids, on, reason, note):
    done = archive_many(account, dict.fromkeys(ids, Wish(on, reason, note)), by=None, now=NOW)
    return _named(done.refused)


def _one_by_one_archived(account, ids, on, reason, note):
    refused = {}
    for customer in Customer.objects.filter(pk__in=ids):
        try:
            archive(customer, on=on, reason=reason, note=note, by=None, now=NOW)
        except CannotArchive as error:
            refused[customer.name] = str(error)
    return refused


def _many_back(account, ids, on):
    return _named(unarchive_many(account, ids, on=on, by=None, now=NOW).refused)


def _one_by_one_back(account, ids, on):
    refused = {}
    for customer in Customer.objects.filter(pk__in=ids):
        try:
            unarchive(customer, on=on, by=None, now=NOW)
        except CannotUnarchive as error:
            refused[customer.name] = str(error)
    return refused


def _named(refused):
    names = dict(Customer.objects.filter(pk__in=refused).values_list("id", "name"))
    return {names[id]: sentence.replace(NAME, names[id]) for id, sentence in refused.items()}


ARCHIVE = {"on": TODAY.isoformat(), "reason": "", "note": ""}


def everyone(query=""):
    return Selection.read(QueryDict(f"everyone={query}"))


def begin(cast, verb="archive", selection=None, values=ARCHIVE):
    with scope(cast.aurora.pk):
        return start.start(cast.aurora, verb, selection or everyone(), values, by=cast.ana, now=NOW)


def archived(account):
    with scope(account.pk):
        return sorted(Customer.objects.filter(archived_on__isnull=False).values_list("name", flat=True))


def test_few_are_done_at_once_and_those_who_owe_stay_with_a_reason(cast, make_customer):
    """S2-08: refusals customer by customer; the rest is archived, and the undo takes back what nobody changed since."""
    people(make_customer, cast.aurora)
    people(make_customer, cast.boreal)
    act = begin(cast)
    assert (act.state, act.total, act.done, act.refused) == ("done", 8, 6, 2)
    assert archived(cast.aurora) == ["Ari", "Back", "Gone", "Ina", "Lia", "New", "Paid today"]
    assert archived(cast.boreal) == ["Gone"]
    with scope(cast.aurora.pk):
        refused = [told.read(kept, lambda _right: True) for kept in BulkPart.objects.get(act=act).refused.values()]
        assert [sentence.split(":")[0] for sentence in refused] == [f"{NAME} has something pending"] * 2
        unarchive(Customer.objects.get(name="Lia"), by=None, now=NOW)
        act = start.undo(act, by=cast.ana, now=NOW)
        assert (act.state, act.undone, act.kept) == ("undone", 5, 1)
        with pytest.raises(CannotStart):
            start.undo(act, by=cast.ana, now=NOW)
    assert archived(cast.aurora) == ["Gone"]
    assert list(verify_account(cast.aurora)) == []


def test_undo_of_bringing_back_archives_again(cast, make_customer):
    ids = people(make_customer, cast.aurora)
    act = begin(cast, "unarchive", Selection(ids=tuple(ids)), {"on": TODAY.isoformat()})
    assert (act.done, act.refused) == (1, 8)
    assert archived(cast.aurora) == []
    with scope(cast.aurora.pk):
        act = start.undo(act, by=cast.ana, now=NOW)
    assert (act.undone, act.kept) == (1, 0)
    assert archived(cast.aurora) == ["Gone"]


def test_undo_of_an_edit_leaves_what_was_changed_since(cast, make_customer):
    people(make_customer, cast.aurora)
    act = begin(cast, "edit", values={"field": "city", "value": "Natal"})
    with scope(cast.aurora.pk):
        cities = dict(Customer.objects.values_list("name", "city"))
        assert cities == {**dict.fromkeys(cities, "Natal"), "Gone": ""}
        edit(Customer.objects.get(name="Ari"), city="Olinda", by=None, now=NOW)
        act = start.undo(act, by=cast.ana, now=NOW)
        assert (act.total, act.done, act.undone, act.kept) == (8, 8, 6, 1)
        cities = dict(Customer.objects.exclude(city="").values_list("name", "city"))
    assert cities == {"Lia": "Natal", "Ari": "Olinda"}


def test_putting_somebody_in_charge_and_back(cast, make_customer):
    """A member is put in charge of many; the undo gives each the one before, but where that was changed since."""
    ids = people(make_customer, cast.aurora)
    with scope(cast.aurora.pk):
        edit(Customer.objects.get(pk=ids[1]), owner=cast.sofia, by=None, now=NOW)
    act = begin(cast, "assign", values={"owner": str(cast.beto.pk)})
    assert (act.total, act.done) == (8, 8)
    with scope(cast.aurora.pk):
        assert Customer.objects.filter(owner=cast.beto).count() == 8
        edit(Customer.objects.get(pk=ids[0]), owner=cast.ana, by=None, now=NOW)
        act = start.undo(act, by=cast.ana, now=NOW)
        assert (act.undone, act.kept) == (7, 1)
        owners = dict(Customer.objects.exclude(owner=None).values_list("name", "owner"))
    assert owners == {"Lia": cast.ana.pk, "Ari": cast.sofia.pk}


def test_who_was_anonymised_stays_so(cast, make_customer):
    """Product decision 19: neither an edit of many nor its undo writes personal data back."""
    for name in ("Ana", "Bia", "Caê"):
        make_customer(cast.aurora, name, city="Natal")
    with scope(cast.aurora.pk):
        anonymise(Customer.objects.get(name="Ana"), by=None, now=NOW)
    act = begin(cast, "edit", values={"field": "city", "value": ""})
    assert (act.total, act.done, act.refused) == (3, 3, 0)
    again = begin(cast, "edit", values={"field": "city", "value": "Olinda"})
    assert (again.done, again.refused) == (2, 1)
    with scope(cast.aurora.pk):
        start.undo(again, by=cast.ana, now=NOW)
        anonymise(Customer.objects.get(name="Bia"), by=None, now=NOW)
        act = start.undo(act, by=cast.ana, now=NOW)
        assert (act.undone, act.kept) == (1, 1)
        assert dict(Customer.objects.exclude(city="").values_list("name", "city")) == {"Caê": "Natal"}


def test_who_comes_later_is_not_meant(cast, make_customer, monkeypatch):
    """A whole filter means those who were in it when somebody said so."""
    monkeypatch.setattr(start, "AT_ONCE", 0)
    people(make_customer, cast.aurora)
    act = begin(cast)
    make_customer(cast.aurora, "Too late")
    with scope(cast.aurora.pk):
        while run.step(act.pk, now=NOW):
            pass
    assert "Too late" not in archived(cast.aurora)


def test_all_but_some_of_a_filter(cast, make_customer):
    """The list's own address says whom: its filters, its day, without those whose box was cleared."""
    ids = people(make_customer, cast.aurora)
    asked = QueryDict(mutable=True)
    asked.update({"everyone": "state=lead&city=&sort=-paid", "but": f"{ids[0].hex} nonsense {ids[4]}"})
    with scope(cast.aurora.pk):
        selection = Selection.read(asked)
        assert sorted(c.name for c in selection.chosen(cast.aurora, NOW)) == ["Back", "New", "Owes later"]
        assert Selection.read(_form(selection.fields)) == selection
        assert selection.count(cast.aurora, NOW) == 3
        boxes = QueryDict(f"id={ids[0]}&id={ids[1]}&ids={ids[1].hex} {ids[2].hex}&id=%00&id=banana")
        assert Selection.read(boxes).ids == (ids[0], ids[1], ids[2])
        assert Selection(everyone="state=banana&sort=%00").count(cast.aurora, NOW) == 8


def _form(fields):
    form = QueryDict(mutable=True)
    form.update(fields)
    return form


def test_nobody_is_no_act(cast, make_customer):
    other = make_customer(cast.boreal)
    with pytest.raises(CannotStart):
        begin(cast, selection=Selection(ids=(other.pk,)))
    with scope(cast.aurora.pk):
        assert BulkAct.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_job_goes_on_where_it_was_cut_off(cast, make_customer, monkeypatch):
    """Part after part, each in its own transaction; nobody twice."""
    monkeypatch.setattr(start, "AT_ONCE", 1)
    monkeypatch.setattr(start, "PART", 2)
    people(make_customer, cast.aurora)
    act = begin(cast)
    assert act.state == "running"
    with scope(cast.aurora.pk):
        assert run.step(act.pk, now=NOW)
        assert BulkAct.objects.get().done == 2
    do_waiting_jobs()
    jobs.change_many(cast.aurora.pk, act_id=str(act.pk))
    with scope(cast.aurora.pk):
        act = BulkAct.objects.get()
        assert (act.state, act.done, act.refused) == ("done", 6, 2)
        events = Event.objects.filter(kind="customer.archived", by=cast.ana).values_list("customer_id", flat=True)
        assert len(events) == len(set(events)) == 6
        start.undo(act, by=cast.ana, now=NOW)
    do_waiting_jobs()
    assert archived(cast.aurora) == ["Gone"]


def test_every_blocker_answers_for_many():
    """Else a bulk archive asks it customer by customer: right, but minutes."""
    assert blockers_of_many.names() == blockers.names()


def test_a_part_reads_its_own_customers_only(cast):
    """Issue 3, bulk of 100,000 in 20 s: what a part costs does not grow with the account, neither archiving nor back."""
    with scope(cast.aurora.pk), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_customer (account_id, number, code, kind, name, email, document_kind, document, phone,"
            " city, state, registered_on, created_at, updated_at, name_sort, city_sort, search, counted_from)"
            " SELECT %s, n, '', 'person', 'N' || n, '', '', '', '', '', '', %s, now(), now(), 'n' || n, '', 'n' || n, %s"
            " FROM generate_series(1, 20000) AS n",
            [cast.aurora.pk, YESTERDAY, YESTERDAY],
        )
        cursor.execute(
            "INSERT INTO customers_span (account_id, customer_id, kind, from_on, until_on)"
            " SELECT account_id, id, 'owes', %s, %s FROM customers_customer",
            [YESTERDAY, TODAY],
        )
        cursor.execute("SELECT core_analyze('{customers_customer,customers_span}'::regclass[])")
        some = tuple(Customer.objects.order_by("number").values_list("pk", flat=True)[:300])

    def most_read(change):
        """The most rows any step of any statement read."""
        read = []

        def hear(execute, sql, params, many, context):
            if sql.split()[0] not in ("SELECT", "WITH", "INSERT", "UPDATE"):
                return execute(sql, params, many, context)
            execute("SAVEPOINT heard", None, False, context)
            execute("EXPLAIN (ANALYZE, FORMAT JSON) " + sql, params, many, context)
            plan = context["cursor"].fetchone()[0]
            execute("ROLLBACK TO SAVEPOINT heard", None, False, context)
            read.extend(
                (node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0), sql)
                for node in _nodes(plan[0]["Plan"])
            )
            return execute(sql, params, many, context)

        with scope(cast.aurora.pk), connection.execute_wrapper(hear):
            change()
        return max(read)

    wishes = dict.fromkeys(some, Wish(TODAY))
    done = []
    assert most_read(lambda: done.append(archive_many(cast.aurora, wishes, by=None, now=NOW)))[0] <= 1200
    back = done[0].periods
    assert len(back) == 300
    assert most_read(lambda: take_back_many(cast.aurora, back, by=None, now=NOW))[0] <= 1200


def _nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
