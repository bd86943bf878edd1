"""A group's name: how it is found (S3-07), so no two living groups share one."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from carteira.core import people
from carteira.groups.models import MAX_NAME, Group

# Living groups of an account: each page of customers lists them.
MOST = 1_000


class NameTaken(ValueError):
    """Refused; the text is a sentence for the user."""


class TooManyGroups(ValueError):
    """Refused; the text is a sentence for the user."""


def clean_name(text: object) -> str:
    """As written, without blanks around. Raises ValidationError: nothing, too long, what cannot be kept."""
    name = people.clean_text(text, limit=MAX_NAME)
    if not name:
        raise ValidationError(_("Give the group a name."), code="name_blank")
    return name


def name_sort(name: str) -> str:
    return people.name_sort(name)[:MAX_NAME]


def refuse_one_more() -> None:
    """Raises TooManyGroups. Asked while the groups are locked."""
    if Group.objects.filter(deleted_at=None).count() >= MOST:
        raise TooManyGroups(_("There are %(n)s groups already. Delete one first.") % {"n": MOST})


def refuse_taken(name: str, *, but: Group | None = None) -> None:
    """Raises NameTaken when a living group of the open scope is called so, however it is written."""
    found = Group.objects.filter(deleted_at=None, name_sort=name_sort(name))
    if but is not None:
        found = found.exclude(pk=but.pk)
    if other := found.first():
        raise NameTaken(_("There is a group “%(name)s” already.") % {"name": other.name})
