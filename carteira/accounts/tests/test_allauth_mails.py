"""Every mail that allauth may ask for with our settings is one of ours, in three languages: nobody meets UnknownMail."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.utils import translation

from carteira.accounts import mails
from carteira.accounts.allauth_adapter import NOTICES, Adapter, UnknownMail
from carteira.accounts.models import User
from carteira.accounts.tests.mailbox import deliver, waiting
from conftest import Cast

_HOME = Path(allauth.__file__).parent
_LITERAL = re.compile(r"""["']((?:account|mfa|usersessions)/email/[a-z_]+)["']""")
LOCALES = [Path(mails.__file__).parent.parent / "locale"]

# Written as a step of a flow: by which method of the adapter, and as which of our mails.
STEPS = {
    "account/email/account_already_exists": ("send_account_already_exists_mail", "exists"),
    "account/email/email_confirmation": ("send_confirmation_mail", "confirm"),
    "account/email/email_confirmation_signup": ("send_confirmation_mail", "confirm"),
    "account/email/password_reset_key": ("send_password_reset_mail", "reset"),
}
# Never asked for, and why: each is a setting that the test reads.
OFF = {
    "account/email/login_code": lambda: not app_settings.LOGIN_BY_CODE_ENABLED,
    "account/email/password_reset_code": lambda: not app_settings.PASSWORD_RESET_BY_CODE_ENABLED,
    "account/email/unknown_account": lambda: not app_settings.EMAIL_UNKNOWN_ACCOUNTS,
    # Addresses are changed and deleted on a page of allauth's that we do not route, and by a flow set off by this.
    "account/email/email_changed": lambda: not app_settings.CHANGE_EMAIL and not _routed("account_email"),
    "account/email/email_deleted": lambda: not app_settings.CHANGE_EMAIL and not _routed("account_email"),
}


def _routed(name: str) -> bool:
    from django.urls import NoReverseMatch, reverse

    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def asked_for() -> Iterator[str]:
    """The templates named in the sources of allauth's installed parts."""
    for part in ("account", "mfa", "usersessions"):
        if apps.is_installed(f"allauth.{part}"):
            for path in (_HOME / part).rglob("*.py"):
                if "tests" not in path.parts:
                    yield from _LITERAL.findall(path.read_text())


@pytest.fixture
def translated(settings: Any) -> None:
    """As readers see it: the tests' own settings leave the catalogues out."""
    settings.LOCALE_PATHS = LOCALES


def test_every_mail_of_allauth_is_ours_or_turned_off() -> None:
    """A new release or setting that wants another mail fails here, not at a person's sign-in."""
    found = set(asked_for())
    assert found == {*NOTICES, *STEPS, *OFF}
    assert [name for name, is_off in OFF.items() if not is_off()] == []
    for method, _kind in STEPS.values():
        assert getattr(Adapter, method) is not getattr(DefaultAccountAdapter, method), method
    assert {*NOTICES.values(), *(kind for _method, kind in STEPS.values())} == set(mails.MAILS)


@pytest.mark.parametrize("prefix", sorted(NOTICES))
@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_each_notice_is_written_in_the_readers_language(
    cast: Cast, translated: None, prefix: str, language: str
) -> None:
    User.objects.filter(pk=cast.beto.pk).update(language=language)
    cast.beto.refresh_from_db()
    get_adapter().send_notification_mail(prefix, cast.beto, {})
    assert [args["language"] for args in waiting()] == [language]
    (message,) = deliver()
    assert message.to == ["beto@example.com"]


@pytest.mark.parametrize("kind", sorted(mails.MAILS))
def test_each_mail_renders_in_three_languages(cast: Cast, translated: None, kind: str) -> None:
    for code, _name in settings.LANGUAGES:
        mails.send(kind, cast.ana, language=code)
    texts = {message.body for message in mail.outbox}
    subjects = {message.subject for message in mail.outbox}
    assert len(texts) == len(subjects) == 3, "a mail that is the same in two languages was not translated"
    for message in mail.outbox:
        assert settings.PUBLIC_URL + "/" in message.body
        assert "{" not in message.body + message.subject
        assert "\n" not in message.subject


def test_a_mail_nobody_wrote_is_a_named_error(cast: Cast) -> None:
    adapter = get_adapter()
    with pytest.raises(UnknownMail, match="account/email/login_code"):
        adapter.send_mail("account/email/login_code", "ana@example.com", {})
    with pytest.raises(UnknownMail, match="account/email/made_up"):
        adapter.send_notification_mail("account/email/made_up", cast.ana)
    assert waiting() == []
    assert translation.get_language() == settings.LANGUAGE_CODE
