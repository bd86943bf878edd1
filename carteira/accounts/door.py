"""What allauth tells about signing in, written down (accounts.sign_ins)."""

from typing import Any

from allauth.account import signals
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as mfa
from django.http import HttpRequest

from carteira.accounts import sign_ins, sign_out
from carteira.accounts.device import address_of, device_of
from carteira.accounts.models import Session, SignIn, User
from carteira.core import dates

What = SignIn.What


def connect() -> None:
    """Called once, when the program starts."""
    signals.user_logged_in.connect(_came_in, dispatch_uid="carteira")
    signals.password_changed.connect(_noting(What.PASSWORD), weak=False, dispatch_uid="carteira")
    signals.password_reset.connect(_noting(What.RESET), weak=False, dispatch_uid="carteira")
    mfa.authentication_failed.connect(_noting(What.CODE_FAILED), weak=False, dispatch_uid="carteira")
    mfa.authenticator_added.connect(_noting(What.FACTOR_ADDED), weak=False, dispatch_uid="carteira")
    mfa.authenticator_removed.connect(_noting(What.FACTOR_REMOVED), weak=False, dispatch_uid="carteira")
    mfa.authenticator_reset.connect(_noting(What.CODES), weak=False, dispatch_uid="carteira")


def failed(request: HttpRequest, email: str) -> None:
    """A wrong password for a login that exists. Of others nothing is kept, nor does the answer tell them apart."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        sign_ins.note(user, What.FAILED, request=request, now=dates.now(), method=SignIn.Method.PASSWORD)


def _came_in(sender: Any, request: HttpRequest, user: User, **rest: Any) -> None:
    now = dates.now()
    sign_ins.note(user, What.IN, request=request, now=now, method=_method(request, user))
    if key := request.session.session_key:
        sign_out.seen(Session(pk=key), device=device_of(request), address=address_of(request), now=now)


def _method(request: HttpRequest, user: User) -> str:
    """What opened the door in the end: the second factor where there is one."""
    records = [record for record in get_authentication_records(request, user) if not record.get("reauthenticated")]
    if not records:
        return ""
    last = records[-1]
    return str(last.get("type") or last.get("method") or "")


def _noting(what: str) -> Any:
    def note(sender: Any, request: HttpRequest, user: User, authenticator: Any = None, **rest: Any) -> None:
        method = authenticator.type if authenticator else ""
        sign_ins.note(user, what, request=request, now=dates.now(), method=method)

    return note
