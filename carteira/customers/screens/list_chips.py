"""The filters of a list in words."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carteira.core.ui.formats import day as day_text
from carteira.core.ui.formats import number
from carteira.customers.screens.asked import LIVING, Asked


def chips(asked: Asked, people: dict[UUID, str]) -> list[dict[str, str]]:
    """The filters in force beside the tab, each with the address of the list without it."""
    wanted, found = asked.wanted, []
    if asked.query:
        found.append((_("Search: %(text)s") % {"text": asked.query}, {"q": ""}))
    if wanted.delinquent and wanted.state in LIVING:
        found.append((_("Delinquent"), {"delinquent": ""}))
    if asked.city:
        found.append((_("City: %(city)s") % {"city": asked.city}, {"city": ""}))
    if wanted.nobodys:
        found.append((_("In charge: nobody"), {"owner": ""}))
    if wanted.owner:
        # Only people of this business have a name here, whoever's id stands in the address.
        name = people.get(wanted.owner, _("somebody unknown"))
        found.append((_("In charge: %(name)s") % {"name": name}, {"owner": ""}))
    if wanted.registered_from:
        text = _("Registered from %(day)s") % {"day": day_text(wanted.registered_from)}
        found.append((text, {"registered_from": ""}))
    if wanted.registered_until:
        text = _("Registered until %(day)s") % {"day": day_text(wanted.registered_until)}
        found.append((text, {"registered_until": ""}))
    if wanted.paid_within is not None:
        text = ngettext("Paid within %(n)s day", "Paid within %(n)s days", wanted.paid_within)
        found.append((text % {"n": number(wanted.paid_within)}, {"paid": "", "days": ""}))
    if wanted.paid_before is not None:
        text = ngettext(
            "Last payment more than %(n)s day ago", "Last payment more than %(n)s days ago", wanted.paid_before
        )
        found.append((text % {"n": number(wanted.paid_before)}, {"paid": "", "days": ""}))
    found += [(chosen.told, {name: ""}) for name, chosen in asked.chosen.items()]
    return [{"label": label, "remove": asked.address(**without)} for label, without in found]
