"""Simulated days in the demo business: its clock goes ahead, and only its."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from carteira.accounts.models import Account, User
from carteira.accounts.open_account import open_account
from carteira.billing.issue import invoice_once
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import record_payment
from carteira.core import dates, demo_days
from carteira.core.demo import NotADemo, ensure_demo
from carteira.core.demo_days import CannotAdvance, advance
from carteira.core.events.models import Event
from carteira.core.jobs import clocks
from carteira.core.registries import DemoDay
from carteira.core.registries import demo_days as days_registry
from carteira.core.verify import verify_account
from carteira.core.walls import scope
from carteira.customers.models import Customer
from carteira.customers.register import register
from carteira.tasks.add import add_task
from carteira.tasks.models import Task
from conftest import NOW, TODAY, Cast

DAYS = 12
LATER = TODAY + timedelta(days=DAYS)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def demo() -> Account:
    return Account.objects.get(slug="aurora")


def test_days_pass_as_if_the_clocks_had_ticked(db: None) -> None:
    """Issue 3: invoices are issued and go overdue, people pay and come, and all that is derived stays true."""
    ensure_demo(NOW)
    other = open_account(
        name="Boreal", owner=User.objects.create_user("dora@example.com"), country="BR", by=None, now=NOW
    )
    with scope(demo().pk):
        numbers = Customer.objects.count()
        due = Invoice.objects.filter(settled_on=None, canceled_on=None, effective_due_on__range=(TODAY, LATER)).count()
        assert due > 20
    said: list[str] = []
    assert advance(DAYS * 24, say=said.append).today == LATER
    assert len(said) == DAYS
    account = demo()
    assert (account.hours_ahead, Account.objects.get(pk=other.pk).hours_ahead) == (DAYS * 24, 0)
    with scope(account.pk), dates.ahead_by(account.hours_ahead):
        assert account.today(dates.now()) == LATER
        since = {"issued_on__gt": TODAY}
        issued = Invoice.objects.filter(**since)
        assert issued.filter(description__startswith="Mensalidade").count() > 50
        assert issued.filter(issue_on__gt=TODAY, created_at__lte=NOW).exists(), (
            "scheduled ones were issued by the clock"
        )
        paid = Payment.objects.filter(paid_on__gt=TODAY, reverses=None)
        assert paid.count() > 50
        assert set(paid.values_list("paid_on", flat=True)) <= {TODAY + timedelta(days=n) for n in range(1, DAYS + 1)}
        late = Invoice.objects.filter(settled_on=None, canceled_on=None, effective_due_on__range=(TODAY, LATER))
        assert late.filter(effective_due_on__lt=LATER).exists(), "some went overdue"
        assert Customer.objects.count() > numbers
        assert Task.objects.filter(done_on__gt=TODAY).exists()
        assert Event.objects.filter(kind="invoice.issued", at__gt=NOW + timedelta(days=3)).exists()
        assert not Event.objects.filter(at__gt=NOW + timedelta(days=DAYS)).exists()
    assert [difference.what for difference in verify_account(account)] == []
    with scope(other.pk):
        assert Event.objects.exclude(kind="account.opened").count() == 0


def test_what_a_visitor_wrote_down_waits_for_the_visitor(db: None) -> None:
    """Issue 3: an invoice issued and half-paid by hand goes overdue when days pass; nobody else pays it or acts on it."""
    ensure_demo(NOW)
    account = demo()
    with scope(account.pk):
        ana = account.memberships.get(user__email="ana@aurora.example").user
        mine = [register(account, name=f"Clínica {nth}", kind="company", by=ana, now=NOW) for nth in range(12)]
        for customer in mine[:6]:
            invoice = invoice_once(customer, amount=120_000, due_on=TODAY, description="Consultoria", by=ana, now=NOW)
            record_payment(customer, amount=60_000, paid_on=TODAY, method="pix", invoice=invoice, by=ana, now=NOW)
            add_task(customer, what="Ligar", due_on=TODAY, assignee_id=ana.pk, by=ana, now=NOW)
    advance(DAYS * 24)
    account = demo()
    with scope(account.pk):
        ids = [customer.pk for customer in mine]
        theirs = Invoice.objects.filter(customer__in=mine)
        assert theirs.count() == 6, "nobody is billed on the visitor's behalf"
        assert set(theirs.values_list("paid_amount", "settled_on")) == {(60_000, None)}
        assert Customer.objects.filter(pk__in=ids, oldest_due_on__lt=LATER).count() == 6
        assert not Customer.objects.filter(pk__in=ids).exclude(archived_on=None).exists()
        assert Task.objects.filter(customer__in=mine, done_on=None).count() == 6
        assert Task.objects.filter(customer__in=mine).count() == 6


def test_everybody_there_lives_on_that_day(cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Screens, jobs and commands of that account; not the neighbour's."""
    Account.objects.filter(pk=cast.aurora.pk).update(hours_ahead=48)
    for slug, user, day in (("aurora", cast.ana, "23"), ("boreal", cast.dora, "21")):
        page = cast.client(user).get(f"/{slug}/customers/new/").content.decode()
        assert f'value="2026-11-{day}"' in page, slug
        call_command("activity", account=slug, json=True)
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["as_of"] == f"2026-11-{day}"
    assert dates.now() == NOW
    seen = []
    monkeypatch.setitem(clocks._clocks, "test", clocks.Clock("test", lambda account, now: seen.append(now)))
    from carteira.core.jobs.tasks import tick

    for account in (cast.aurora, cast.boreal):
        tick(account.pk, clock="test")
    assert seen == [NOW + timedelta(hours=48), NOW]


def test_ones_own_browser_is_listed_though_the_demo_is_far_ahead(cast: Cast) -> None:
    """Sessions end by the real clock."""
    Account.objects.filter(pk=cast.aurora.pk).update(hours_ahead=24 * 400)
    assert "(this one)" in cast.client(cast.ana).get("/aurora/settings/security/").content.decode()


def test_cut_off_half_way_whole_days_have_passed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carteira.core.demo.demo_steps", type(days_registry)("Demo step"))
    ensure_demo(NOW)
    ran = []

    def fails_on_the_third(account: Any, by: Any, random: Any, now: Any) -> None:
        ran.append(account.today(now))
        if len(ran) == 3:
            raise KeyboardInterrupt

    only = type(days_registry)("Demo day")
    only.add("test", DemoDay(fails_on_the_third))
    monkeypatch.setattr(demo_days, "demo_days", only)
    with pytest.raises(KeyboardInterrupt):
        advance(5 * 24)
    assert demo().hours_ahead == 48
    advance(3 * 24)
    assert ran == [TODAY + timedelta(days=n) for n in (1, 2, 3, 3, 4, 5)]


def test_only_in_the_demo(cast: Cast) -> None:
    """A real business at the demo's address stays in its own time."""
    with pytest.raises(NotADemo):
        advance(24)
    with pytest.raises(CommandError):
        call_command("demo", "--advance", "24h")
    cast.aurora.refresh_from_db()
    assert cast.aurora.hours_ahead == 0


@pytest.mark.parametrize("text", ["40", "d", "-3d", "4x", "40d ago", "1.5d", "٤d"])
def test_what_is_no_time_is_wrong_usage(db: None, text: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("demo", f"--advance={text}")
    assert refused.value.returncode == 2


@pytest.mark.parametrize("hours", [0, 24 * 801])
def test_nothing_and_too_much_are_refused(db: None, hours: int) -> None:
    with pytest.raises(CannotAdvance):
        advance(hours)
