"""States have one colour and one word everywhere. Colour never stands alone: the word is always beside it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# state -> (tone, label). Tones are classes in parts.css: accent, good, warn, bad, mute.
STATES: dict[str, tuple[str, Promise]] = {
    "lead": ("accent", _("Lead")),
    "active": ("good", _("Active")),
    "inactive": ("warn", _("Inactive")),
    "delinquent": ("bad", _("Delinquent")),
    "archived": ("mute", _("Archived")),
    "scheduled": ("mute", _("Scheduled")),
    "issued": ("accent", _("Issued")),
    "paid": ("good", _("Paid")),
    "overdue": ("bad", pgettext_lazy("invoice", "Overdue")),
    "canceled": ("mute", _("Canceled")),
    "deleted": ("mute", _("Deleted")),
    "reversed": ("mute", _("Reversed")),
    "running": ("accent", _("Running")),
    "waiting": ("mute", _("Waiting")),
    "done": ("good", _("Done")),
    "failed": ("bad", _("Failed")),
}


def tone(state: str) -> str:
    return STATES[state][0] if state in STATES else "mute"


def label(state: str) -> str | Promise:
    return STATES[state][1] if state in STATES else state
