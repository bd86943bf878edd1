"""What a person likes of the saved views: which stand in the menu, and with which one the list begins."""

from uuid import UUID

from carteira.accounts.models import Membership
from carteira.accounts.tastes import remember, taste

TASTE = "views"
# The menu stays a menu.
MOST_PINS = 12


def pins(membership: Membership) -> list[UUID]:
    found = taste(membership, TASTE).get("pins")
    return [UUID(id) for id in found] if isinstance(found, list) else []


def default(membership: Membership) -> UUID | None:
    found = taste(membership, TASTE).get("default")
    return UUID(found) if found else None


def pin(membership: Membership, id: UUID, *, yes: bool) -> Membership:
    """The latest pins stay: a menu of old ones helps nobody."""
    kept = [one for one in pins(membership) if one != id]
    if yes:
        kept = [*kept, id][-MOST_PINS:]
    return _keep(membership, kept, default(membership))


def set_default(membership: Membership, id: UUID | None) -> Membership:
    return _keep(membership, pins(membership), id)


def _keep(membership: Membership, pinned: list[UUID], first: UUID | None) -> Membership:
    value: dict[str, object] = {}
    if pinned:
        value["pins"] = [id.hex for id in pinned]
    if first:
        value["default"] = first.hex
    return remember(membership, TASTE, value)
