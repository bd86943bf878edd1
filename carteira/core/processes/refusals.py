"""What an operator can put right, in one line; anything else is our mistake and keeps its trace."""

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from carteira.core.database.errors import KeeperError
from carteira.core.database.guard import UnsafeAppRole


def sentence_of(error: BaseException) -> str | None:
    if isinstance(error, OperationalError | InterfaceError):
        return _("The database cannot be reached: %(why)s") % {"why": _one_line(error)}
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    ours = isinstance(error, ValueError) and type(error).__module__.startswith("carteira.")
    if ours or isinstance(error, KeeperError | UnsafeAppRole | ImproperlyConfigured):
        return _one_line(error)
    return None


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
