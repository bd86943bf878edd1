"""Mails: through a real SMTP server, and kept for the operator where there is none."""

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMessage
from django.test import Client

from carteira.accounts import invite, jobs, mails
from carteira.accounts.models import Invitation, User
from carteira.config import env
from carteira.core.walls import scope
from conftest import Cast


class Mailbox:
    """What an SMTP server took; `refuse` is what it says to whoever writes, as long as it is set."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.refuse = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse:
            return self.refuse
        self.taken.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@pytest.fixture
def smtp(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{port}")
    settings.MAILERS = env.mailers(tmp_path)
    settings.MAILS_GO_OUT = True
    yield mailbox
    server.stop()


@pytest.fixture
def kept(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("EMAIL_URL", raising=False)
    settings.CARTEIRA_HOME = tmp_path
    settings.MAILERS = env.mailers(tmp_path)
    return tmp_path


def invited(cast: Cast, email: str = "eva@example.com") -> Invitation:
    from django.utils import timezone

    with scope(cast.aurora.pk):
        return invite.invite(cast.aurora, email=email, role="viewer", by=cast.ana, now=timezone.now())


def test_mails_go_through_a_real_server(cast: Cast, smtp: Mailbox) -> None:
    User.objects.filter(pk=cast.ana.pk).update(name="Ána\u202e Ção")
    row = invited(cast)
    jobs.mail_invitation(cast.aurora.pk, invitation_id=str(row.pk))
    mails.send("reset", cast.ana, language="pt-br")
    (first, invitation), (second, reset) = smtp.taken
    assert (first, second) == (["eva@example.com"], ["ana@example.com"])
    assert "/accounts/invitation/" in invitation.get_content()
    assert "/accounts/password/reset/key/" in reset.get_content()


def test_a_server_that_refuses_leaves_the_mail_waiting_and_it_goes_out_once(cast: Cast, smtp: Mailbox) -> None:
    """F8: tried again by the queue; the list says that it is on its way; after success no second one."""
    row = invited(cast)
    smtp.refuse = "451 later"
    with pytest.raises(OSError, match="later"):
        jobs.mail_invitation(cast.aurora.pk, invitation_id=str(row.pk))
    page = cast.client(cast.ana).get("/aurora/settings/members/").content.decode()
    assert "the mail is on its way" in page
    smtp.refuse = ""
    for _time in range(2):
        jobs.mail_invitation(cast.aurora.pk, invitation_id=str(row.pk))
    assert len(smtp.taken) == 1
    assert "the mail is on its way" not in cast.client(cast.ana).get("/aurora/settings/members/").content.decode()


def test_a_name_adds_no_header(cast: Cast, smtp: Mailbox) -> None:
    """A18."""
    cast.aurora.name = "Escola\r\nBcc: all@example.com"
    cast.aurora.save()
    row = invited(cast)
    try:
        jobs.mail_invitation(cast.aurora.pk, invitation_id=str(row.pk))
    except ValueError:
        assert smtp.taken == []
    else:
        assert smtp.taken[0][1]["Bcc"] is None


def test_kept_mails_are_shown_to_the_operator_only(cast: Cast, kept: Any) -> None:
    """Their links open logins: nobody else even learns that there is such a page."""
    mails.send("reset", cast.beto, language="en")
    for client in (cast.client(cast.ana), cast.client(cast.dora)):
        assert client.get("/_mail/").status_code == 404
    assert Client().get("/_mail/")["Location"].startswith("/accounts/login/")
    User.objects.filter(pk=cast.ana.pk).update(is_staff=True)
    ana = cast.client(cast.ana)
    page = ana.get("/_mail/")
    assert "beto@example.com" in page.content.decode()
    (one,) = page.context["mails"]
    shown = ana.get(f"/_mail/{one.name}/").content.decode()
    assert 'href="http://127.0.0.1:8000/accounts/password/reset/key/' in shown


def test_in_the_demo_whoever_is_signed_in_sees_them(cast: Cast, kept: Any, settings: Any) -> None:
    settings.DEMO = True
    mails.send("reset", cast.beto, language="en")
    assert "beto@example.com" in cast.client(cast.caio).get("/_mail/").content.decode()
    settings.MAILS_GO_OUT = True
    assert cast.client(cast.caio).get("/_mail/").status_code == 404, "where mails go out, none are shown"


def test_kept_mails_are_text_and_readable_by_this_user_only(cast: Cast, kept: Any, settings: Any) -> None:
    """A2."""
    settings.DEMO = True
    EmailMessage("<b>Hi</b>", "<script>alert(1)</script>", "a@example.com", ["b@example.com"]).send()
    client = cast.client(cast.ana)
    (one,) = client.get("/_mail/").context["mails"]
    for path in ("/_mail/", f"/_mail/{one.name}/"):
        assert b"<script>alert" not in client.get(path).content
        assert b"<b>Hi" not in client.get(path).content
    (file,) = (kept / "mail").iterdir()
    assert (file.stat().st_mode & 0o777, (kept / "mail").stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("name", ["x", "passwd", "0" * 200, "-"])
def test_no_other_file_is_read(cast: Cast, kept: Any, settings: Any, name: str) -> None:
    settings.DEMO = True
    assert cast.client(cast.ana).get(f"/_mail/{name}/").status_code == 404


def test_the_operator_is_said_by_command(cast: Cast) -> None:
    from django.core.management import call_command

    call_command("operator", "ANA@example.com")
    cast.ana.refresh_from_db()
    assert cast.ana.is_staff
    call_command("operator", "ana@example.com", "--remove")
    cast.ana.refresh_from_db()
    assert not cast.ana.is_staff
