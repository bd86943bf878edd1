"""What the tables of groups hold about people: who belongs to which. A group's name may mention somebody."""

from django.utils.translation import gettext_lazy as _

from carteira.core.privacy.holdings import Holding, holdings

holdings.add(
    "groups.Group",
    Holding(
        _("Groups"),
        erase={"name": "?", "name_sort": lambda group: f"? {group.pk}"},
        impersonal=("colour", "rule", "payment_method"),
    ),
    order=40,
)
holdings.add("groups.Pin", Holding(_("Groups by hand"), of="customer_id", export=("group", "inside", "at")), order=41)
holdings.add(
    "groups.Member", Holding(_("Groups"), of="customer_id", impersonal=("cause",), export=("group",)), order=42
)
