"""Sessions somebody can see and end; what happened at the door, for the person and for the owner; the doors' limits."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from carteira.accounts.jobs import forget
from carteira.accounts.models import Membership, Session, SignIn
from carteira.accounts.settings import change_settings
from carteira.accounts.sign_ins import of_business
from carteira.accounts.sign_out import name_of, sessions_of
from carteira.core import dates
from carteira.core.walls import scope
from conftest import Cast

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/19.0 Safari/604.1"
PASSWORD = "correct horse battery"
SECURITY = "/aurora/settings/security/"


def sign_in(
    email: str = "ana@example.com", password: str = PASSWORD, agent: str = CHROME, ip: str = "203.0.113.77"
) -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=ip)
    client.post("/accounts/login/", {"login": email, "password": password})
    return client


def test_one_sees_where_one_is_signed_in_without_the_secret_key(cast: Cast) -> None:
    here, there = sign_in(), sign_in(agent=PHONE, ip="2001:db8:abcd:12::9")
    page = here.get(SECURITY).content.decode()
    assert "Chrome · Windows" in page
    assert "Safari · iPhone" in page
    assert "203.0.113.x" in page
    assert "2001:db8:abcd::x" in page
    for secret in ("203.0.113.77", here.session.session_key, there.session.session_key):
        assert secret not in page


def test_one_browser_or_all_others_are_signed_out_at_their_next_request(cast: Cast) -> None:
    """T6."""
    here, there, third = sign_in(), sign_in(agent=PHONE), sign_in()
    here.post(f"{SECURITY}sessions/{name_of(there.session.session_key)}/end/")
    assert [client.get(SECURITY).status_code for client in (here, there, third)] == [200, 302, 200]
    answer = here.post(f"{SECURITY}sessions/end/", follow=True)
    assert "1 other browser is signed out." in answer.content.decode()
    assert [client.get(SECURITY).status_code for client in (here, third)] == [200, 302]


def test_nobody_ends_anothers_session(cast: Cast) -> None:
    """A1."""
    here, other = sign_in(), sign_in("beto@example.com")
    here.post(f"{SECURITY}sessions/{name_of(other.session.session_key)}/end/")
    assert other.get(SECURITY).status_code == 200


def test_last_seen_is_written_every_few_minutes_only(cast: Cast, django_assert_num_queries: Any) -> None:
    client = sign_in()
    before = Session.objects.get(user=cast.ana).seen_at
    client.get("/aurora/settings/profile/")
    assert Session.objects.get(user=cast.ana).seen_at == before
    client.get("/aurora/settings/profile/")
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        client.get("/aurora/settings/profile/", REMOTE_ADDR="198.51.100.1")
        row = Session.objects.get(user=cast.ana)
        assert (row.seen_at, row.address) == (dates.now(), "198.51.100.x")
        client.post("/me/theme/", {"theme": "dark"})
    assert Session.objects.get(user=cast.ana).device == "Chrome · Windows"


def test_saving_a_session_keeps_what_was_seen(cast: Cast) -> None:
    client = sign_in()
    store = client.session
    store["x"] = 1
    store.save()
    row = Session.objects.get(user=cast.ana)
    assert (row.device, row.address, client.session["x"]) == ("Chrome · Windows", "203.0.113.x", 1)


def test_a_new_password_signs_all_others_out_and_says_so(cast: Cast) -> None:
    here, other = sign_in(), sign_in()
    here.post(f"{SECURITY}password/", {"oldpassword": PASSWORD, "password1": "another long one"})
    assert here.get(SECURITY).status_code == 200
    assert other.get(SECURITY).status_code == 302
    assert [one.here for one in sessions_of(cast.ana, here=here.session.session_key, now=timezone.now())] == [True]
    assert SignIn.objects.filter(user=cast.ana, what="password").count() == 1


def test_success_and_failure_are_written_down_for_the_person(cast: Cast) -> None:
    sign_in(password="wrong")
    page = sign_in().get(SECURITY).content.decode()
    assert "Wrong password" in page
    rows = SignIn.objects.order_by("id").values_list("what", "method", "device", "address")
    assert list(rows) == [
        ("failed", "password", "Chrome · Windows", "203.0.113.x"),
        ("in", "password", "Chrome · Windows", "203.0.113.x"),
    ]
    assert "Wrong password" not in sign_in("beto@example.com").get(SECURITY).content.decode()


def test_of_unknown_addresses_nothing_is_kept(cast: Cast) -> None:
    """A11: and the answer is the same."""
    answers = [
        Client().post("/accounts/login/", {"login": email, "password": "wrong"}).content.count(b"do not belong")
        for email in ("ana@example.com", "nobody@example.com")
    ]
    assert answers == [1, 1]
    assert SignIn.objects.count() == 1


def test_the_owner_sees_the_members_doors_since_they_joined_and_nobody_elses(cast: Cast) -> None:
    sign_in("beto@example.com")
    sign_in("dora@example.com", password="wrong")
    old = SignIn.objects.create(user=cast.beto, what="failed", at=timezone.now() - timedelta(days=1))
    ana = cast.client(cast.ana)
    rows, older = of_business(cast.aurora, older_than=None, size=50)
    assert ([row.user for row in rows], older) == ([cast.beto], None)
    assert old not in rows
    page = ana.get("/aurora/settings/log/").content.decode()
    assert "Beto" in page
    assert "Dora" not in page
    Membership.objects.filter(user=cast.sofia).update(role="admin")
    assert cast.client(cast.sofia).get("/aurora/settings/log/").status_code == 403


def test_the_log_is_read_page_by_page(cast: Cast) -> None:
    now = timezone.now() + timedelta(minutes=1)
    SignIn.objects.bulk_create(
        SignIn(user=user, what="in", at=now) for user in (cast.ana, cast.beto) for _n in range(40)
    )
    first, older = of_business(cast.aurora, older_than=None, size=50)
    second, end = of_business(cast.aurora, older_than=older, size=50)
    assert (len(first), len(second), end) == (50, 30, None)
    assert len({row.pk for row in (*first, *second)}) == 80
    page = cast.client(cast.ana).get(f"/aurora/settings/log/?before={older}").content.decode()
    assert page.count("<tr>") == 31


@pytest.mark.parametrize("before", ["x", "\x00", "0" * 5000])
def test_a_made_up_place_in_the_log_is_its_beginning(cast: Cast, before: str) -> None:
    assert cast.client(cast.ana).get("/aurora/settings/log/", {"before": before}).status_code == 200


def test_changes_are_told_in_sentences(cast: Cast) -> None:
    from carteira.accounts import invite

    with scope(cast.aurora.pk):
        invite.invite(cast.aurora, email="eva@example.com", role="viewer", by=cast.ana, now=timezone.now())
    page = cast.client(cast.ana).get("/aurora/settings/log/?show=changes").content.decode()
    assert "eva@example.com was invited as Viewer." in page
    with scope(cast.aurora.pk):
        change_settings(cast.aurora, changes={"name": "Other", "currency": "USD"}, by=cast.ana, now=timezone.now())
    page = cast.client(cast.ana).get("/aurora/settings/log/?show=changes").content.decode()
    assert "Settings of the business changed: business name, currency." in page


def test_what_is_over_is_forgotten(cast: Cast) -> None:
    now = timezone.now()
    sign_in()
    Session.objects.create(session_key="a" * 32, session_data="", expire_date=now - timedelta(minutes=1), user=cast.ana)
    SignIn.objects.create(user=cast.ana, what="in", at=now - timedelta(days=366))
    for _time in range(2):
        forget.func(0)
        assert (Session.objects.count(), SignIn.objects.count()) == (1, 1)


def test_what_a_browser_calls_itself_stays_harmless(cast: Cast) -> None:
    """A2, A22."""
    sign_in(agent="<script>alert(1)</script>\ufffd" * 50)
    assert "<" not in SignIn.objects.get().device


def test_a_member_of_two_businesses_counts_for_each(cast: Cast) -> None:
    Membership.objects.create(account=cast.boreal, user=cast.beto, role="viewer")
    sign_in("beto@example.com")
    for account in (cast.aurora, cast.boreal):
        rows, _older = of_business(account, older_than=None, size=5)
        assert [row.user.email for row in rows] == ["beto@example.com"]


def test_the_list_asks_the_same_with_one_and_many(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for _n in range(3):
        sign_in()
    client = sign_in()
    with django_assert_max_num_queries(9):
        client.get(SECURITY)
    with django_assert_max_num_queries(9):
        client.get("/aurora/settings/log/")
