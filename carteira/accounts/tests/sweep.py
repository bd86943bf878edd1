"""What the routes of accounts answer to whom; read by tests/test_urls.py."""

from datetime import UTC, datetime, timedelta
from typing import Any

from carteira.accounts.models import Account, AccountCopy, Holiday, Invitation, Membership, User
from carteira.accounts.roles import Right
from carteira.core.files.store import keep
from tests.urls_table import RootRow, Row


def holiday(account: Account) -> dict[str, Any]:
    return {"holiday_id": Holiday.objects.create(on="2027-01-25", name="Aniversário da cidade").pk}


def settings(account: Account) -> dict[str, Any]:
    return {
        "name": "Escola",
        "country": "BR",
        "time_zone": "America/Sao_Paulo",
        "currency": "BRL",
        "language": "pt-br",
        "activity_rule": "payment",
        "activity_days": "60",
    }


def member(account: Account) -> dict[str, Any]:
    user = User.objects.create_user(f"eva@{account.slug}.example", name="Eva")
    return {"member_id": Membership.objects.create(account=account, user=user, role="viewer").pk}


def copy(account: Account) -> dict[str, Any]:
    at = datetime.now(UTC)
    file = keep([b"PK"], name="all.zip", right=Right.OWN, limit=9, by=None, now=at)
    return {"copy_id": AccountCopy.objects.create(asked_at=at, done_at=at, file=file).pk}


def rights(account: Account) -> dict[str, Any]:
    return {"role": "sales", **{right.name: "role" for right in Right}}


def invitation(account: Account) -> dict[str, Any]:
    at = datetime.now(UTC)
    row = Invitation.objects.create(
        email="fabio@example.com", role="viewer", created_at=at, expires_at=at + timedelta(days=7)
    )
    return {"invitation_id": row.pk}


ROWS = [
    Row("accounts:business", Right.EDIT_ACCOUNT, post=302, body=settings),
    Row("accounts:address", Right.OWN, post=302, body=lambda account: {"slug": f"{account.slug}-2"}),
    Row("accounts:holidays", Right.EDIT_ACCOUNT, post=302, body=lambda account: {"on": "2027-01-26"}),
    Row("accounts:remove_holiday", Right.EDIT_ACCOUNT, get=405, post=302, kwargs=holiday),
    Row(
        "accounts:restore_holiday",
        Right.EDIT_ACCOUNT,
        get=405,
        post=302,
        query=lambda account: {"on": "2027-01-25", "name": "Aniversário da cidade"},
    ),
    Row(
        "accounts:members",
        Right.MANAGE_MEMBERS,
        post=302,
        body=lambda account: {"email": "gil@example.com", "role": "viewer"},
    ),
    Row("accounts:member", Right.MANAGE_MEMBERS, post=302, kwargs=member, body=rights),
    Row("accounts:remove_member", Right.MANAGE_MEMBERS, get=405, post=302, kwargs=member),
    Row("accounts:hand_on", Right.OWN, get=405, post=302, kwargs=member),
    Row("accounts:leave", Right.ENTER, get=405, post=302),
    Row("accounts:resend_invitation", Right.MANAGE_MEMBERS, get=405, post=302, kwargs=invitation),
    Row("accounts:revoke_invitation", Right.MANAGE_MEMBERS, get=405, post=302, kwargs=invitation),
    Row("accounts:reopen_invitation", Right.MANAGE_MEMBERS, get=405, post=302, kwargs=invitation),
    Row("accounts:profile", Right.ENTER, post=302, body=lambda account: {"name": "Somebody", "language": "es"}),
    Row("accounts:security", Right.ENTER),
    Row("accounts:end_session", Right.ENTER, get=405, post=302, kwargs=lambda account: {"session": "0" * 32}),
    Row("accounts:end_other_sessions", Right.ENTER, get=405, post=302),
    Row("accounts:log", Right.OWN),
    Row("accounts:close", Right.OWN),
    Row("accounts:ask_copy", Right.OWN, get=405, post=302),
    Row("accounts:copy_file", Right.OWN, get=302, kwargs=copy),
    Row("accounts:close_now", Right.OWN, get=405, post=302, body=lambda account: {"typed": account.slug}),
    Row("accounts:stay", Right.OWN, get=405, post=302),
    Row(
        "accounts:password",
        Right.ENTER,
        get=405,
        post=422,
        body=lambda account: {"oldpassword": "not the one", "password1": "another long one"},
    ),
]

_PAGE = {"GET": 200}
_FORM = {"GET": 200, "POST": 200}
_SIGN_UP = {"business": "Escola", "country": "BR", "name": "Eva", "email": "not an address", "password1": "x"}

ROOT_ROWS = [
    RootRow("kept_mails", signed_out={"GET": 302}, signed_in={"GET": 404}),
    RootRow("kept_mail", signed_out={"GET": 302}, signed_in={"GET": 404}, kwargs={"slug": "x"}),
    RootRow("start", signed_out={"GET": 302}, signed_in={"GET": 302}),
    # Of no use to a stranger; it reads nothing. The operator's own test is in test_kit_shown.py.
    RootRow("kit", signed_out={"GET": 404}, signed_in={"GET": 404}),
    RootRow("theme", signed_out={"POST": 302}, signed_in={"POST": 302}, body={"theme": "dark"}),
    RootRow("set_language", signed_out={"POST": 302}, signed_in={"POST": 302}, body={"language": "es"}),
    RootRow("choose_account", signed_out={"GET": 302}, signed_in=_PAGE),
    RootRow("switch_account", signed_out={"GET": 302}, signed_in={"GET": 200}),
    RootRow(
        "open_account",
        signed_out={"GET": 302, "POST": 302},
        signed_in={"GET": 200, "POST": 302},
        body={"business": "Second", "country": "BR"},
    ),
    RootRow("account_place", signed_out=_PAGE, signed_in=_PAGE, query={"country": "MX"}),
    RootRow("account_zones", signed_out=_PAGE, signed_in=_PAGE, query={"country": "MX"}),
    RootRow("invitation", {"GET": 410, "POST": 410}, {"GET": 410, "POST": 410}, {"key": "made-up"}),
    *(
        RootRow(name, signed_out={"GET": 302, "POST": 302}, signed_in={"GET": 302, "POST": 302})
        for name in ("mfa_activate_totp", "mfa_generate_recovery_codes", "mfa_add_webauthn", "mfa_authenticate")
    ),
    RootRow("mfa_index", signed_out={"GET": 302}, signed_in={"GET": 302}),
    RootRow("mfa_deactivate_totp", {"GET": 302, "POST": 302}, {"GET": 404, "POST": 404}),
    RootRow("mfa_edit_webauthn", {"GET": 302, "POST": 302}, {"GET": 302, "POST": 302}, {"pk": 1}),
    RootRow("mfa_remove_webauthn", {"GET": 302, "POST": 302}, {"GET": 302, "POST": 302}, {"pk": 1}),
    RootRow("mfa_view_recovery_codes", signed_out={"GET": 302}, signed_in={"GET": 404}),
    RootRow("mfa_download_recovery_codes", signed_out={"GET": 302}, signed_in={"GET": 404}),
    RootRow("account_reauthenticate", {"GET": 302, "POST": 302}, {"GET": 200, "POST": 200}),
    RootRow("mfa_reauthenticate", {"GET": 302, "POST": 302}, {"GET": 302, "POST": 302}),
    RootRow("mfa_reauthenticate_webauthn", {"GET": 302, "POST": 302}, {"GET": 302, "POST": 302}),
    RootRow("mfa_login_webauthn", {"GET": 302, "POST": 302}, {"GET": 302, "POST": 302}),
    RootRow("account_login", signed_out=_FORM, signed_in={"GET": 302, "POST": 302}, body={"login": "x"}),
    RootRow("account_logout", signed_out={"GET": 302, "POST": 302}, signed_in={"GET": 200, "POST": 302}),
    RootRow("account_inactive", signed_out=_PAGE, signed_in=_PAGE),
    RootRow("account_signup", signed_out=_FORM, signed_in={"GET": 302, "POST": 302}, body=_SIGN_UP),
    RootRow("account_email_verification_sent", signed_out=_PAGE, signed_in=_PAGE),
    RootRow("account_confirm_email", {"GET": 200, "POST": 404}, {"GET": 200, "POST": 404}, {"key": "made-up"}),
    RootRow("account_reset_password", signed_out=_FORM, signed_in=_FORM, body={"email": "not an address"}),
    RootRow("account_reset_password_done", signed_out=_PAGE, signed_in=_PAGE),
    RootRow(
        "account_reset_password_from_key",
        signed_out={"GET": 200, "POST": 200},
        signed_in={"GET": 200, "POST": 200},
        kwargs={"uidb36": "0", "key": "made-up"},
    ),
    RootRow("account_reset_password_from_key_done", signed_out={"GET": 302}, signed_in={"GET": 302}),
]
