"""Which sheets a person may import."""

from django.http import Http404, HttpRequest

from carteira.accounts.access import demand
from carteira.accounts.roles import Right
from carteira.core.sheets.registry import SheetKind, kinds


def kind_of(request: HttpRequest, name: str) -> SheetKind:
    """The kind with the business's own fields, where this person may write what it brings: importing payments takes the right to record them.

    Raises Http404 and PermissionDenied.
    """
    kind = kinds.get(name)
    if kind is None:
        raise Http404
    demand(request, Right(kind.right))
    return kind.of(request.account)  # type: ignore[attr-defined]


def allowed_kinds(request: HttpRequest) -> list[SheetKind]:
    return [kind for kind in kinds if request.membership.may(Right(kind.right))]  # type: ignore[attr-defined]
