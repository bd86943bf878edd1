"""A group that a colleague deleted while its page was open."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import Http404

from carteira.groups.models import Group


@contextmanager
def gone_is_404() -> Iterator[None]:
    """Around a view: verbs look again once they hold the lock."""
    try:
        yield
    except Group.DoesNotExist:
        raise Http404 from None
