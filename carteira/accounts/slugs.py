"""Addresses of accounts: what may stand first in a path."""

import re

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

# First path segments of pages that belong to no account, and words kept for later ones.
_RESERVED = """
    _kit _mail accounts account admin api app assets auth billing blog book carteira connect contact demo docs en es
    favicon.ico files forms health healthz help home i18n invite login logout mail mcp me new news p pay pix portal
    pricing privacy pt pt-br public robots.txt security settings setup share sign-in sign-up signup site static status
    support terms test us w well-known .well-known widgets www
"""
RESERVED = frozenset(_RESERVED.split())
_SHAPE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?")


def is_slug(text: str) -> bool:
    """Whether a first path segment could name an account at all; nothing else is asked of the database."""
    return _SHAPE.fullmatch(text) is not None


def validate_slug(slug: str) -> str:
    """The slug itself. Raises ValidationError with a sentence."""
    if not is_slug(slug):
        raise ValidationError(
            _("An address has 1 to 50 small letters, digits and hyphens, and neither begins nor ends with a hyphen."),
            code="slug",
        )
    if slug in RESERVED:
        raise ValidationError(_("The address “%(slug)s” is kept for the program itself."), "reserved", {"slug": slug})
    return slug


def slug_from(name: str, taken: set[str]) -> str:
    """A free address made from a business's name; `taken` are those in use that begin alike."""
    base = slugify(name)[:40].strip("-") or "conta"
    slug, number = base, 2
    while slug in taken or slug in RESERVED:
        slug, number = f"{base}-{number}", number + 1
    return slug
