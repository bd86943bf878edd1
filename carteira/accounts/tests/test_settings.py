from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from procrastinate.contrib.django.models import ProcrastinateJob

from carteira.accounts import settings as verb
from carteira.accounts.holidays import HolidayTaken, add_holiday, calendar_changed, calendar_of, remove_holiday
from carteira.accounts.jobs import recompute_calendar
from carteira.accounts.models import Holiday
from carteira.accounts.settings import CannotChange, change_settings
from carteira.core.events import kinds
from carteira.core.events.models import Event
from carteira.core.walls import scope
from conftest import NOW, TODAY, Cast


@pytest.fixture
def aurora(cast: Cast) -> Iterator[Any]:
    with scope(cast.aurora.pk):
        yield cast.aurora


@pytest.fixture
def kept_currency() -> Iterator[None]:
    """As billing will: once there is money, the currency stays."""
    sentence = "There are payments in Brazilian reais."
    verb.guards.add("test", lambda account, field: sentence if field == "currency" else "")
    yield
    verb.guards.remove("test")


def test_only_what_differs_is_told(aurora: Any, cast: Cast) -> None:
    changed = change_settings(aurora, changes={"name": " Aurora ", "activity_days": 60}, by=cast.ana, now=NOW)
    assert changed.name == "Aurora"
    event = Event.objects.get()
    assert (event.kind, event.by, event.what) == ("account.changed", cast.ana, {"fields": ["name"]})
    change_settings(aurora, changes={"name": "Aurora"}, by=cast.ana, now=NOW)
    assert Event.objects.count() == 1


def test_history_calls_fields_as_the_screen_does(aurora: Any, cast: Cast) -> None:
    change_settings(aurora, changes={"name": "Other", "time_zone": "America/Manaus"}, by=cast.ana, now=NOW)
    event = Event.objects.get()
    told = kinds.kind(event.kind).tell(event.what)
    assert told == "Settings of the business changed: business name, time zone."


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("country", "ZZ"),
        ("time_zone", "Brasilia"),
        ("currency", "reais"),
        ("language", "de"),
        ("activity_rule", "mood"),
        ("activity_days", 0),
        ("activity_days", 3651),
        ("activity_days", "sixty"),
    ],
)
def test_what_cannot_be_names_its_field(aurora: Any, field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        change_settings(aurora, changes={field: value, "name": "Other"} | {field: value}, by=None, now=NOW)
    assert list(refused.value.message_dict) == [field]
    aurora.refresh_from_db()
    assert aurora.name == "Escola Aurora"


def test_nothing_else_can_be_written(aurora: Any) -> None:
    """A7: mass assignment."""
    with pytest.raises(ValidationError):
        change_settings(aurora, changes={"slug": "boreal"}, by=None, now=NOW)


@pytest.mark.usefixtures("kept_currency")
def test_a_guard_keeps_the_currency(aurora: Any) -> None:
    with pytest.raises(CannotChange, match="payments") as refused:
        change_settings(aurora, changes={"name": "Other", "currency": "USD"}, by=None, now=NOW)
    assert refused.value.field == "currency"
    aurora.refresh_from_db()
    assert (aurora.name, aurora.currency) == ("Escola Aurora", "BRL")
    change_settings(aurora, changes={"name": "Other", "currency": "BRL"}, by=None, now=NOW)


def waiting() -> int:
    return ProcrastinateJob.objects.filter(task_name=recompute_calendar.name).count()


def test_another_country_has_other_holidays_so_due_dates_are_computed_anew(aurora: Any) -> None:
    change_settings(aurora, changes={"name": "Other"}, by=None, now=NOW)
    assert waiting() == 0
    change_settings(aurora, changes={"country": "CL"}, by=None, now=NOW)
    assert waiting() == 1


def test_own_holidays_are_in_the_calendar_and_in_the_history(aurora: Any, cast: Cast) -> None:
    monday = TODAY.replace(day=23)
    assert calendar_of(aurora).is_business_day(monday)
    holiday = add_holiday(aurora, on=monday, name="Padroeira", by=cast.ana, now=NOW)
    assert not calendar_of(aurora).is_business_day(monday)
    with pytest.raises(HolidayTaken):
        add_holiday(aurora, on=monday, name="Again", by=cast.ana, now=NOW)
    remove_holiday(aurora, holiday, by=cast.ana, now=NOW)
    remove_holiday(aurora, holiday, by=cast.ana, now=NOW)
    assert calendar_of(aurora).is_business_day(monday)
    assert [event.kind for event in Event.objects.order_by("id")] == [
        "account.holiday_added",
        "account.holiday_removed",
    ]
    assert waiting() == 2


def test_the_job_tells_every_listener_in_the_accounts_scope(cast: Cast) -> None:
    heard: list[tuple[str, int]] = []
    calendar_changed.add("test", lambda account, now: heard.append((account.slug, Holiday.objects.count())))
    try:
        for account in (cast.aurora, cast.boreal):
            with scope(account.pk):
                add_holiday(account, on=TODAY, name="", by=None, now=NOW)
        recompute_calendar(cast.aurora.pk)
    finally:
        calendar_changed.remove("test")
    assert heard == [("aurora", 1)]
