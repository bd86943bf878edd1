"""N1: every state tells why, in a sentence with dates, live and as of a past day, by both rules."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import translation

from carteira.billing.issue import invoice_once
from carteira.billing.models import Payment
from carteira.billing.pay import record_payment, reverse_payment
from carteira.core.walls import scope
from carteira.customers import archive, facts, why
from carteira.customers.lifecycle import Rule, State, View, view_of
from carteira.customers.models import Customer
from carteira.customers.why import Story
from conftest import NOW, TODAY

LIVE = View(TODAY, Rule("payment", 60), live=True)
THEN = View(date(2026, 9, 30), Rule("payment", 60), live=False)
REGISTERED = date(2026, 3, 12)


def story(view=LIVE, **known):
    return Story(view=view, counted_from=REGISTERED, **known)


def by_subscription(view):
    return replace(view, rule=Rule("subscription", 60))


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ({"last_paid_on": TODAY}, "Active: last payment on 21/11/2026, today; limit 60 days."),
        ({"last_paid_on": TODAY - timedelta(1)}, "Active: last payment on 20/11/2026, 1 day ago; limit 60 days."),
        ({"last_paid_on": TODAY - timedelta(60)}, "Active: last payment on 22/09/2026, 60 days ago; limit 60 days."),
        ({"last_paid_on": TODAY - timedelta(61)}, "Inactive: last payment on 21/09/2026, 61 days ago; limit 60 days."),
        ({"last_paid_on": date(2020, 1, 1)}, "Inactive: last payment on 01/01/2020, 2.516 days ago; limit 60 days."),
        ({}, "Lead: registered on 12/03/2026, no payment yet."),
        ({"taken_back": True}, "Lead: registered on 12/03/2026, every payment was taken back."),
        (
            {"archived_on": date(2026, 10, 1), "reason": "churn", "last_paid_on": date(2026, 3, 2)},
            "Archived since 01/10/2026: churn, last payment on 02/03/2026.",
        ),
        ({"archived_on": date(2026, 10, 1), "reason": "lost"}, "Archived since 01/10/2026: lost, never bought anything."),
        ({"archived_on": date(2026, 10, 1), "reason": "churn"}, "Archived since 01/10/2026: churn, had a subscription."),
        (
            {"archived_on": date(2026, 10, 1), "reason": "churn", "reason_given": True, "note": "moved away"},
            "Archived since 01/10/2026: churn, as somebody chose. Note: moved away",
        ),
    ],
)  # fmt: skip
def test_live_by_payment(known, sentence):
    """S0-11 to S0-14, with the boundary of day 60."""
    assert why.why(story(**known)) == sentence


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        (
            {"last_paid_on": date(2026, 9, 30)},
            "Was active on 30/09/2026: last payment on 30/09/2026, on that day; limit 60 days.",
        ),
        (
            {"last_paid_on": date(2026, 9, 29)},
            "Was active on 30/09/2026: last payment on 29/09/2026, 1 day before; limit 60 days.",
        ),
        (
            {"last_paid_on": date(2026, 7, 1)},
            "Was inactive on 30/09/2026: last payment on 01/07/2026, 91 days before; limit 60 days.",
        ),
        ({}, "Was a lead on 30/09/2026: registered on 12/03/2026, no payment by then."),
        (
            {"taken_back": True},
            "Was a lead on 30/09/2026: registered on 12/03/2026, every payment had been taken back.",
        ),
        (
            {"archived_on": date(2026, 9, 1), "reason": "lost"},
            "Was archived on 30/09/2026, since 01/09/2026: lost, never bought anything.",
        ),
    ],
)
def test_past_days_are_told_in_the_past(known, sentence):
    assert why.why(story(THEN, **known)) == sentence


@pytest.mark.parametrize(
    ("view", "known", "sentence"),
    [
        (LIVE, {"subscribed_since": date(2026, 5, 1)}, "Active: subscription in force since 01/05/2026."),
        (
            LIVE,
            {"subscription_ended": date(2026, 10, 1), "subscription_made": True},
            "Inactive: no subscription in force, the last one ended on 01/10/2026.",
        ),
        (LIVE, {"subscription_made": True}, "Inactive: the only subscription has not begun yet."),
        (THEN, {"subscription_made": True}, "Was inactive on 30/09/2026: the only subscription had not begun yet."),
        (
            LIVE,
            {"last_paid_on": TODAY},
            "Inactive: no subscription in force, last payment on 21/11/2026.",
        ),
        (LIVE, {}, "Lead: registered on 12/03/2026, no payment yet."),
    ],
)
def test_by_subscription(view, known, sentence):
    """S2-03 to S2-06."""
    assert why.why(story(by_subscription(view), **known)) == sentence


def test_delinquent_says_since_when():
    """S2-07: a sentence of its own, and none for who is not."""
    late = story(owes_since=TODAY - timedelta(days=15))
    assert late.delinquent
    assert why.why_delinquent(late) == (
        "Delinquent since 06/11/2026 (16 days): an invoice is past its due date and not fully paid."
    )
    assert why.why_delinquent(story(THEN, owes_since=date(2026, 9, 30))) == (
        "Was delinquent on 30/09/2026: since 30/09/2026 (1 day) an invoice was past its due date and not fully paid."
    )
    assert not story(owes_since=TODAY, archived_on=TODAY).delinquent
    with pytest.raises(ValueError, match="owes nothing"):
        why.why_delinquent(story())


def test_dates_are_the_readers():
    with translation.override("en"):
        assert why.why(story(last_paid_on=TODAY)) == "Active: last payment on Nov 21, 2026, today; limit 60 days."


@time_machine.travel(NOW, tick=False)
def test_stories_are_read_from_the_facts(cast, make_customer, django_assert_num_queries):
    """One query for any number of customers; reversals, debts and archivings as of their own days."""
    paid = make_customer(cast.aurora, "Paid", paid=[(date(2026, 8, 1), 100), (date(2026, 9, 20), 100)])
    owing = make_customer(cast.aurora, "Owing", registered_on=REGISTERED)
    with scope(cast.aurora.pk):
        payment = Payment.objects.get(customer=paid, paid_on=date(2026, 9, 20))
        reverse_payment(payment, on=date(2026, 10, 5), owed_again=False, by=None, now=NOW)
        then = NOW - timedelta(days=40)
        invoice = invoice_once(owing, amount=500, due_on=TODAY - timedelta(30), issue_on=None, by=None, now=then)
        record_payment(owing, amount=500, paid_on=TODAY, method="pix", invoice=invoice, by=None, now=NOW)
        customers = list(Customer.objects.order_by("number"))

        def told(day, rule=None):
            with django_assert_num_queries(1):
                found = why.stories(customers, view_of(cast.aurora, now=NOW, day=day, rule=rule))
            return [found[customer.pk] for customer in customers]

        assert [story.last_paid_on for story in told(None)] == [date(2026, 8, 1), TODAY]
        assert [story.last_paid_on for story in told(date(2026, 10, 4))] == [date(2026, 9, 20), None]
        assert [story.last_paid_on for story in told(date(2026, 10, 5))] == [date(2026, 8, 1), None]
        assert [story.delinquent for story in told(None)] == [False, False]
        from carteira.customers.models import Span

        print(list(Span.objects.values_list()), invoice.__dict__)
        yesterday = told(TODAY - timedelta(1))
        assert yesterday[1].delinquent
        assert yesterday[1].owes_since == invoice.effective_due_on + timedelta(days=1)
        assert {story.state for story in told(None)} == {State.ACTIVE, State.INACTIVE}


@time_machine.travel(NOW, tick=False)
def test_the_derived_reason_is_of_the_day_looked_at(cast, make_customer):
    """S0-14: lost while nobody knew of a payment in force, churn once one counts; what a person said stays."""
    subscribed = facts.FactSource(
        "subscribed",
        "SELECT customer_id, DATE '2026-04-01' AS from_on, DATE '2026-05-01' AS until_on FROM"
        " (SELECT id AS customer_id FROM customers_customer WHERE account_id = %(account)s AND name = 'Sub') sub"
        " WHERE {only}",
    )
    facts.sources.add("test.subscribed", subscribed)
    try:
        sub = make_customer(cast.aurora, "Sub", registered_on=date(2026, 3, 1))
        never = make_customer(cast.aurora, "Never", registered_on=date(2026, 3, 1))
        with scope(cast.aurora.pk):
            facts.refresh()
            for customer in (sub, never):
                archive.archive(customer, on=date(2026, 6, 1), by=None, now=NOW)
            view = view_of(cast.aurora, now=NOW)
            told = why.stories([sub, never], view)
            assert [told[c.pk].reason for c in (sub, never)] == ["churn", "lost"]
            assert why.why(told[sub.pk]) == "Archived since 01/06/2026: churn, had a subscription."
            early = why.stories([sub], view_of(cast.aurora, now=NOW, day=date(2026, 4, 10)))[sub.pk]
            assert early.subscribed_since == date(2026, 4, 1)
            ended = why.stories([sub], view_of(cast.aurora, now=NOW, day=date(2026, 5, 1)))[sub.pk]
            assert (ended.subscribed_since, ended.subscription_ended) == (None, date(2026, 5, 1))
    finally:
        facts.sources.remove("test.subscribed")
