"""What the customers' tables hold about people, and what it becomes when a person goes."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from carteira.core import people
from carteira.core.privacy.holdings import Holding, holdings
from carteira.customers.fields.person import TELL
from carteira.customers.models import Customer
from carteira.customers.register import search_text


def placeholder(customer: Customer) -> str:
    """What stands where the name stood, in the language of the business."""
    with translation.override(customer.account.language):
        return translation.gettext("Anonymised customer %(number)s") % {"number": customer.number}


def _name_sort(customer: Customer) -> Any:
    return people.name_sort(customer.name)


holdings.add(
    "customers.Customer",
    Holding(
        _("Customer"),
        of="id",
        # In this order: the last ones follow from the name.
        erase={
            "code": "",
            "email": "",
            "document_kind": "",
            "document": "",
            "phone": "",
            "city": "",
            "state": "",
            "city_sort": "",
            **dict.fromkeys(("country", "postal_code", "street", "street_number", "complement", "district"), ""),
            "source": "",
            "birth_on": None,
            "search_more": "",
            "name": placeholder,
            "name_sort": _name_sort,
            "search": search_text,
        },
        files=("photo",),
        recognised_by={"name": "name", "email": "email", "document": "document", "phone": "phone"},
        derived=("city_sort", "name_sort", "search"),
        export=("number", "kind", "registered_on", "created_at", "first_paid_on", "last_paid_on", "archived_on"),
    ),
    order=10,
)
holdings.add(
    "customers.SearchEntry",
    Holding(
        _("Search"),
        of="customer_id",
        erase={
            "name_sort": lambda entry: entry.customer.name_sort,
            "text": lambda entry: entry.customer.search,
            "document": "",
            "email": "",
            "phone": "",
        },
        derived=("name_sort", "text", "document", "email", "phone"),
    ),
    order=11,
)
holdings.add(
    "customers.ArchivePeriod",
    Holding(_("Archive"), of="customer_id", erase={"note": ""}, export=("from_on", "until_on", "reason")),
    order=12,
)
holdings.add(
    "customers.SavedView",
    # A search in it, or its name, may be somebody's.
    Holding(_("Saved lists"), erase={"name": "?", "name_sort": lambda view: f"? {view.pk}", "parameters": {}}),
    order=39,
)
holdings.add("customers.Span", Holding(_("Activity"), of="customer_id", impersonal=("kind",)), order=13)
holdings.add(
    "customers.ContactPoint",
    Holding(
        _("Phones and e-mails"),
        of="customer_id",
        remove=True,
        erase={"value": "", "label": ""},
        recognised_by={"value": "@kind"},
        export=("kind",),
    ),
    order=14,
)
holdings.add(
    "customers.Address",
    Holding(
        _("Addresses"),
        of="customer_id",
        remove=True,
        erase=dict.fromkeys(
            (
                *("label", "country", "postal_code", "street", "street_number", "complement", "district"),
                *("city", "state"),
            ),
            "",
        ),
    ),
    order=15,
)
holdings.add(
    "customers.Contact",
    Holding(
        # Other people, known by this one: what they are called is not what the customer is recognised by.
        _("Contacts"),
        of="customer_id",
        remove=True,
        erase=dict.fromkeys(("name", "role", "email", "phone", "document_kind", "document"), ""),
        export=("other_id", "is_payer"),
    ),
    order=16,
)
holdings.add(
    "customers.Note",
    Holding(_("Notes"), of="customer_id", remove=True, erase={"text": ""}, export=("important", "written_at")),
    order=17,
)
holdings.add(
    "customers.FieldValue",
    Holding(
        _("Own fields"),
        of="customer_id",
        remove=True,
        erase={"said": "", "text": "", "option": ""},
        derived=("text", "option"),
        tell=TELL,
    ),
    order=20,
)
# What a business asks is nobody's own, but somebody may be mentioned in it.
holdings.add(
    "customers.Field",
    Holding(
        _("Own fields"),
        impersonal=("label", "label_sort", "options", "help_text", "section", "asked_in"),
    ),
    order=21,
)
holdings.add(
    "customers.FieldChange",
    Holding(_("Own fields"), impersonal=("before", "kind", "language", "error")),
    order=22,
)
# What was asked of many customers is nobody's own, but a note or a refusal may mention somebody. Old values of fields
# stand in the history only.
holdings.add(
    "customers.BulkAct",
    Holding(_("Bulk changes"), erase={"values": {}}, impersonal=("verb", "language", "error")),
    order=18,
)
holdings.add(
    "customers.BulkPart",
    Holding(_("Bulk changes"), erase={"refused": {}, "kept": {}}, impersonal=("before",)),
    order=19,
)
# Whoever was merged into this one: emptied, nothing brings it back.
holdings.add(
    "customers.CustomerMerge",
    Holding(
        _("Merged customers"),
        of="survivor_id",
        erase={"merged_code": "", "before": {}},
        impersonal=("counted",),
        recognised_by={"before": "json"},
        export=("merged_number", "at", "undone_at"),
    ),
    order=20,
)
holdings.add(
    "customers.MergedRows",
    Holding(
        _("Merged customers"),
        of="merge__survivor_id",
        erase={"gone": [], "made": [], "changed": []},
        impersonal=("mover",),
    ),
    order=21,
)
