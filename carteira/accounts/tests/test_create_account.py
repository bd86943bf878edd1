import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client

from carteira.accounts.models import Account, Membership, User
from carteira.accounts.tests.mailbox import path_in
from carteira.core.management.base import Error

pytestmark = pytest.mark.django_db


def create(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("create_account", *arguments, stdout=out, **options)
    return out.getvalue()


ESCOLA = ("aurora", "--name", "Escola Aurora", "--owner", "Ana@Example.com")


def test_a_new_owner_gets_a_link_that_sets_the_password_once() -> None:
    link = path_in(create(*ESCOLA).splitlines()[-1])
    ana = User.objects.get()
    assert (ana.email, ana.has_usable_password()) == ("ana@example.com", False)
    assert Membership.objects.get().role == "owner"

    client = Client()
    form = client.get(link, follow=True)
    saved = client.post(form.request["PATH_INFO"], {"password1": "correct horse battery"})
    assert (saved.status_code, saved["Location"]) == (302, "/")
    assert client.get("/accounts/").wsgi_request.user == ana

    again = Client().get(link, follow=True)
    assert "link does not work any more" in again.content.decode()


def test_the_country_gives_what_is_not_said() -> None:
    create(*ESCOLA, "--country", "CL", "--language", "en")
    account = Account.objects.get()
    assert (account.time_zone, account.currency, account.language) == ("America/Santiago", "CLP", "en")


def test_everything_can_be_said() -> None:
    create(*ESCOLA, "--time-zone", "America/Manaus", "--currency", "USD", "--language", "es")
    account = Account.objects.get()
    assert (account.country, account.time_zone, account.currency, account.language) == (
        "BR",
        "America/Manaus",
        "USD",
        "es",
    )


def test_somebody_known_is_just_made_owner() -> None:
    ana = User.objects.create_user("ana@example.com", "correct horse battery", name="Ana")
    said = create(*ESCOLA)
    assert "/password/" not in said
    ana.refresh_from_db()
    assert ana.check_password("correct horse battery")
    assert Membership.objects.get().user == ana


def test_json_is_the_last_line() -> None:
    told = json.loads(create(*ESCOLA, "--json").splitlines()[-1])
    assert told["account"] == "aurora"
    assert told["new_owner"] is True
    assert told["link"].startswith("http://127.0.0.1:")


def test_a_taken_address_is_status_1_and_makes_nobody() -> None:
    create(*ESCOLA)
    with pytest.raises(Error, match="aurora") as refused:
        create("aurora", "--name", "Other", "--owner", "bia@example.com")
    assert refused.value.returncode == 1
    assert User.objects.count() == Account.objects.count() == 1


def test_a_login_that_is_switched_off_owns_nothing() -> None:
    User.objects.create_user("ana@example.com", is_active=False)
    with pytest.raises(Error) as refused:
        create(*ESCOLA)
    assert refused.value.returncode == 1


@pytest.mark.parametrize(
    ("named", "arguments"),
    [
        ("SLUG", ("Aurora!", "--name", "A", "--owner", "a@example.com")),
        ("SLUG", ("settings", "--name", "A", "--owner", "a@example.com")),
        ("--name", ("aurora", "--name", " ", "--owner", "a@example.com")),
        ("--owner", ("aurora", "--name", "A", "--owner", "nobody")),
        ("--country", ("aurora", "--name", "A", "--owner", "a@example.com", "--country", "Brasil")),
        ("--time-zone", ("aurora", "--name", "A", "--owner", "a@example.com", "--time-zone", "GMT-3")),
        ("--currency", ("aurora", "--name", "A", "--owner", "a@example.com", "--currency", "R$")),
        ("--language", ("aurora", "--name", "A", "--owner", "a@example.com", "--language", "fr")),
    ],
)
def test_an_argument_that_cannot_be_meant_is_named_and_status_2(named: str, arguments: tuple[str, ...]) -> None:
    with pytest.raises(Error, match=f"^{named}: ") as refused:
        create(*arguments)
    assert refused.value.returncode == 2
    assert not Account.objects.exists()


def program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    carteira = Path(sys.executable).with_name("carteira")
    return subprocess.run(
        [carteira, *arguments],
        env={**os.environ, "LC_ALL": "C", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_program_itself_opens_a_business() -> None:
    """The real console script, on the test server's own database (not the tests' copies)."""
    slug = f"t-{uuid4().hex}"
    asked = ("create_account", slug, "--name", "Escola Aurora", "--owner", f"{slug}@example.com")
    done = program(*asked)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert "/accounts/password/reset/key/" in done.stdout.splitlines()[-1]
    again = program(*asked)
    assert again.returncode == 1
    assert again.stderr.splitlines()[-1] == f"Error: There is a business with the address “{slug}” already."


def test_wrong_usage_is_one_line_and_status_2() -> None:
    wrong = program("create_account", "aurora", "--name", "A", "--owner", "nobody")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.splitlines()[-1].startswith("Error: --owner: Enter one e-mail address")
    missing = program("create_account", "aurora")
    assert missing.returncode == 2
    assert "--name" in missing.stderr
    assert "Traceback" not in wrong.stderr + missing.stderr
    assert "--time-zone" in program("create_account", "--help").stdout
