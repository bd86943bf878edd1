"""Links: the account stands first in every path, and no route names it."""

from typing import Any

from django.conf import settings
from django.urls import reverse


def account_url(slug: str, name: str, *args: Any, **kwargs: Any) -> str:
    """The path of an account's screen, from anywhere (jobs, mails, root pages): /aurora/customers/…"""
    from django.urls import get_script_prefix, set_script_prefix

    before = get_script_prefix()
    set_script_prefix(f"/{slug}/")
    try:
        return reverse(name, urlconf=settings.ACCOUNT_URLCONF, args=args, kwargs=kwargs)
    finally:
        set_script_prefix(before)


def root_url(name: str, *args: Any, **kwargs: Any) -> str:
    """The path of a page that belongs to no account (sign-in, sign-out), from anywhere."""
    from django.urls import get_script_prefix, set_script_prefix

    before = get_script_prefix()
    set_script_prefix("/")
    try:
        return reverse(name, urlconf=settings.ROOT_URLCONF, args=args, kwargs=kwargs)
    finally:
        set_script_prefix(before)
