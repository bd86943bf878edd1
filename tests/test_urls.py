"""The URL sweep (reliability T1, A1, A4): every route × everybody × every method, against the rooms' tables."""

import re
from copy import copy
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.test import Client

from carteira.accounts.access import required_right
from carteira.accounts.models import Account, Membership, User
from carteira.accounts.roles import rights_of
from carteira.core.urls import account_url, root_url
from carteira.core.walls import scope
from conftest import Cast, undone
from tests.urls_table import METHODS, RootRow, Row, collected, routes

ROWS: list[Row] = list(collected("ROWS"))
ROOT_ROWS: list[RootRow] = list(collected("ROOT_ROWS"))
ROLES = ("owner", "admin", "finance", "sales", "viewer")
HTMX = {"hx-request": "true", "hx-current-url": "http://testserver/aurora/"}

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
each_root_row = pytest.mark.parametrize("row", ROOT_ROWS, ids=lambda row: row.name)


@pytest.fixture
def people(cast: Cast) -> dict[str, User]:
    admin = User.objects.create_user("adao@example.com", name="Adão")
    Membership.objects.create(account=cast.aurora, user=admin, role="admin")
    return {"owner": cast.ana, "admin": admin, "finance": cast.beto, "sales": cast.sofia, "viewer": cast.caio}


# -- the tables are whole


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert {row.name for row in ROWS} == set(routes(settings.ACCOUNT_URLCONF))
    assert {row.name for row in ROOT_ROWS} == set(routes(settings.ROOT_URLCONF))


def test_no_row_stands_there_twice() -> None:
    for rows in (ROWS, ROOT_ROWS):
        names = [row.name for row in rows]
        assert len(names) == len(set(names))


@each_row
def test_the_view_asks_for_the_right_of_its_row(row: Row) -> None:
    for pattern in routes(settings.ACCOUNT_URLCONF).get(row.name, ()):
        assert required_right(pattern.callback) == row.right, f"{row.name} lacks @require({row.right})"


# -- who gets what


class Asking:
    """One row's requests, with its slots filled by fresh records of one account.

    The records are made once a test: making them costs more than asking. What a request does to them is taken back
    (`undone`), so that each of them finds them fresh.
    """

    def __init__(self, row: Row, account: Account) -> None:
        self.row, self.account = row, account
        with scope(account.pk):
            self.kwargs, self.query, self.body = row.kwargs(account), row.query(account), row.body(account)

    def path(self) -> str:
        query = urlencode(self.query, doseq=True)
        return account_url(self.account.slug, self.row.name, **self.kwargs) + (f"?{query}" if query else "")

    def send(self, client: Client, method: str, headers: dict[str, str]) -> Any:
        for value in self.body.values():
            if isinstance(value, UploadedFile):
                value.seek(0)  # the request before read it to its end
        body = {"data": self.body} if method == "POST" else {}
        return getattr(client, method.lower())(self.path(), headers=headers, **body)


@each_row
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_members(row: Row, cast: Cast, people: dict[str, User], headers: dict[str, str]) -> None:
    asking = Asking(row, cast.aurora)
    for role in ROLES:
        client = cast.client(people[role])
        may = row.right in rights_of(role)
        for method in METHODS:
            expected = row.status(method, htmx=bool(headers))
            with undone():
                answer = asking.send(client, method, headers)
            if may:
                assert answer.status_code == expected, f"{role} {method}"
            else:
                allowed = {403} if expected != 405 else {403, 405}
                assert answer.status_code in allowed, f"{role} {method}"


@each_row
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_strangers_see_nothing_not_even_that_it_exists(row: Row, cast: Cast, headers: dict[str, str]) -> None:
    dora = cast.client(cast.dora)
    nothing = dora.get("/no-such-business/", headers=headers)
    asking = Asking(row, cast.aurora)
    for method in METHODS:
        with undone():
            answer = asking.send(dora, method, headers)
        assert (answer.status_code, answer.content) == (404, nothing.content), method


@each_row
def test_signed_out_one_is_sent_to_sign_in(row: Row, cast: Cast) -> None:
    asking = Asking(row, cast.aurora)
    for method in METHODS:
        with undone():
            page = asking.send(Client(), method, {})
            fragment = asking.send(Client(), method, HTMX)
        assert page.status_code == 302, method
        assert page["Location"].startswith("/accounts/login/?next=/"), method
        assert fragment["HX-Redirect"].startswith("/accounts/login/?next=/"), method


@each_row
def test_without_its_token_nothing_is_done(row: Row, cast: Cast) -> None:
    """A4."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.ana)
    asking = Asking(row, cast.aurora)
    for headers in ({}, HTMX):
        for method in METHODS[1:]:
            with undone():
                answer = asking.send(client, method, headers)
            assert answer.status_code == 403, method


# -- the twin's ids, in every slot in turn


@each_row
def test_the_twins_ids_are_as_good_as_none(row: Row, cast: Cast) -> None:
    """A1: Boreal's id in a path is 404, in a query or body refused, both with the words for an id that never was."""
    ana = cast.client(cast.ana)
    own, foreign = Asking(row, cast.aurora), Asking(row, cast.boreal)
    for where in ("kwargs", "query", "body"):
        for slot, value in getattr(foreign, where).items():
            if not _is_id(value):
                continue
            for method in METHODS:
                if row.status(method) == 405 or (where == "body" and method != "POST"):
                    continue
                answers = [_with(own, ana, method, where, slot, other) for other in (value, _like(value))]
                assert answers[0] == answers[1], f"{method} tells that {slot} exists in another account"
                refused = {404} if where == "kwargs" else {400, 404, 422}
                assert answers[0][0] in refused, f"{method} accepts another account's {slot}"


def _is_id(value: Any) -> bool:
    return isinstance(value, UUID) or (isinstance(value, list) and bool(value) and isinstance(value[0], UUID))


def _like(value: Any) -> Any:
    return [uuid4()] if isinstance(value, list) else uuid4()


def _with(own: Asking, client: Client, method: str, where: str, slot: str, value: Any) -> tuple[int, str]:
    asking = copy(own)
    setattr(asking, where, {**getattr(own, where), slot: value})
    own_ids = [str(item) for slots in (asking.kwargs, asking.query, asking.body) for item in slots.values()]
    with undone():
        answer = asking.send(client, method, {})
    text = answer.content.decode()
    for known in own_ids:
        text = text.replace(known, "ID")
    return answer.status_code, re.sub(r"[A-Za-z0-9]{64}", "TOKEN", text)


# -- routes of no account


@each_root_row
def test_root_routes(row: RootRow, cast: Cast) -> None:
    path = root_url(row.name, **row.kwargs) + (f"?{urlencode(row.query)}" if row.query else "")
    for who, table in (("signed out", row.signed_out), ("signed in", row.signed_in)):
        for method in METHODS:
            with undone():
                client = Client() if who == "signed out" else cast.client(cast.ana)
                body = {"data": dict(row.body)} if method == "POST" else {}
                answer = getattr(client, method.lower())(path, **body)
            assert answer.status_code == table.get(method, 405), f"{who} {method}"


@each_root_row
def test_root_routes_want_their_token(row: RootRow, cast: Cast) -> None:
    """A4: signing in, up and out as well."""
    path = root_url(row.name, **row.kwargs)
    for user in (None, cast.ana):
        client = Client(enforce_csrf_checks=True)
        if user:
            client.force_login(user)
        for headers in ({}, HTMX):
            for method in METHODS[1:]:
                assert getattr(client, method.lower())(path, headers=headers).status_code == 403
