"""What the export of customers tells of a card besides the customer's own row, as an import reads it back."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf

from carteira.core import people
from carteira.core.sheets.exports.registry import Column
from carteira.customers.models import Contact, ContactPoint
from carteira.customers.sheets.part_fields import CONTACT_COLUMNS, CONTACTS, PART_FIELDS, labeled

_WIDTHS = {"more_emails": 34, "more_phones": 34, "owner_email": 26, "payer_code": 18}
COLUMNS = tuple(
    Column(field.name, field.label, _WIDTHS.get(field.name, 20))
    for field in PART_FIELDS
    if not field.part_of or field.part_of == "contacts"
)
# After these the annotations of `with_parts`.
READ = ("owner__email", "told_points", "told_contacts", "told_payer")


def with_parts(found: Any) -> Any:
    here = {"customer": OuterRef("pk")}

    def of_either(column: str) -> Any:
        """A contact who is a customer has the other's data."""
        return Coalesce(NullIf(column, Value("")), f"other__{column}", Value(""))

    points = ContactPoint.objects.filter(**here).order_by("id")
    contacts = Contact.objects.filter(**here).order_by("id")
    return found.annotate(
        told_points=ArraySubquery(points.values(told=JSONObject(kind="kind", value="value", label="label"))),
        told_contacts=ArraySubquery(
            contacts.values(
                told=JSONObject(name=of_either("name"), role="role", email=of_either("email"), phone=of_either("phone"))
            )[:CONTACTS]
        ),
        told_payer=Subquery(
            contacts.filter(is_payer=True).values(
                told=JSONObject(
                    code="other__code",
                    kind=Coalesce("other__document_kind", "document_kind"),
                    document=Coalesce("other__document", "document"),
                    number="other__number",
                    name="name",
                )
            )[:1]
        ),
    )


def cells_of(country: str) -> Callable[[Sequence[Any]], list[Any]]:
    """The values of READ as the cells of COLUMNS."""

    def phone(value: str) -> str:
        return people.format_phone(value, country) if value else ""

    def cells(row: Sequence[Any]) -> list[Any]:
        owner, points, contacts, payer = row
        said: dict[str, Any] = {"owner_email": owner or "", "payer_code": _payer(_read(payer)) if payer else ""}
        found: dict[str, list[str]] = {"email": [], "phone": []}
        for point in map(_read, points or ()):
            value = phone(point["value"]) if point["kind"] == "phone" else point["value"]
            found[point["kind"]].append(labeled(value, point["label"]))
        said |= {f"more_{kind}s": "; ".join(values) for kind, values in found.items()}
        for nth, contact in enumerate(map(_read, contacts or ()), 1):
            contact["phone"] = phone(contact["phone"])
            said |= {f"contact_{nth}_{column}": contact[column] for column in CONTACT_COLUMNS}
        return [said.get(column.name, "") for column in COLUMNS]

    return cells


def _payer(payer: dict[str, Any]) -> str:
    """By code, else document, else #number; a contact that is no customer by document, else name."""
    if payer["code"]:
        return str(payer["code"])
    if payer["document"]:
        return str(people.format_document(payer["kind"], payer["document"]))
    return f"#{payer['number']}" if payer["number"] is not None else str(payer["name"])


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
