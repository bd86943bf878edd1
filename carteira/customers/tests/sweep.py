"""What the routes of customers answer to whom; read by tests/test_urls.py."""

import secrets
from io import BytesIO
from typing import Any

from PIL import Image

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.customers.archive import archive
from carteira.customers.bulk.models import BulkAct
from carteira.customers.bulk.start import start
from carteira.customers.fields.define import add_field
from carteira.customers.merge.merge import merge
from carteira.customers.models import ContactPoint, Customer
from carteira.customers.parts import PARTS, add, remove
from carteira.customers.person_export import export_person
from carteira.customers.photo import set_photo
from carteira.customers.register import register
from carteira.customers.saved.models import SavedView
from carteira.customers.saved.save import save_view
from carteira.customers.selection import Selection
from conftest import NOW, TODAY
from tests.urls_table import Row


def customer(account: Account) -> dict[str, Any]:
    return {"id": made(account).pk}


def history_tab(account: Account) -> dict[str, Any]:
    return {"id": made(account).pk, "tab": "history"}


def archived(account: Account) -> dict[str, Any]:
    return {"id": archive(made(account), by=None, now=NOW).pk}


def made(account: Account) -> Customer:
    return register(account, name="Maria Silva", registered_on=TODAY, by=None, now=NOW)


def exported(account: Account) -> dict[str, Any]:
    whose = made(account)
    return {"id": whose.pk, "asked": export_person(whose, by=None, now=NOW).pk}


def confirmed(account: Account) -> dict[str, Any]:
    return {"name": "Maria Silva"}


def city(account: Account) -> dict[str, Any]:
    return {"id": made(account).pk, "column": "city"}


def points(account: Account) -> dict[str, Any]:
    return {"id": made(account).pk, "part": "points"}


def point(account: Account) -> dict[str, Any]:
    return {"points-kind": "email", "points-value": "maria@example.com"}


def a_point(account: Account) -> dict[str, Any]:
    customer = made(account)
    row = add(PARTS["points"], customer, kind="email", value="maria@example.com", label="", by=None, now=NOW)
    return {"id": customer.pk, "part": "points", "row": row.pk}


def point_label(account: Account) -> dict[str, Any]:
    return {**a_point(account), "column": "label"}


def main(account: Account) -> dict[str, Any]:
    slots = a_point(account)
    return {"id": slots["id"], "row": slots["row"]}


def contact(account: Account) -> dict[str, Any]:
    customer = made(account)
    return {"id": customer.pk, "row": add(PARTS["contacts"], customer, name="Rosa", by=None, now=NOW).pk}


def note(account: Account) -> dict[str, Any]:
    customer = made(account)
    return {"id": customer.pk, "row": add(PARTS["notes"], customer, text="Likes tea", by=None, now=NOW).pk}


def with_photo(account: Account) -> dict[str, Any]:
    customer = made(account)
    set_photo(customer, [a_picture()], name="maria.png", by=None, now=NOW)
    return {"id": customer.pk}


def a_picture(size: tuple[int, int] = (40, 40), **more: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, "PNG", **more)
    return out.getvalue()


def removal(account: Account) -> dict[str, Any]:
    slots = a_point(account)
    event = remove(ContactPoint.objects.get(pk=slots["row"]), by=None, now=NOW)
    return {"id": slots["id"], "event": event.pk}


def named(account: Account) -> dict[str, Any]:
    return {"name": "Maria Souza"}


def act(account: Account) -> dict[str, Any]:
    return {"id": acted(account).pk}


def own_field(account: Account) -> dict[str, Any]:
    field = add_field(label=f"Turma {secrets.token_hex(3)}", kind="text", by=None, now=NOW)
    return {"field": field.pk}


def own_value(account: Account) -> dict[str, Any]:
    return {"id": made(account).pk, **own_field(account)}


def acted(account: Account) -> BulkAct:
    values = {"field": "city", "value": "Natal"}
    return start(account, "edit", Selection(ids=(made(account).pk,)), values, by=None, now=NOW)


def view(account: Account) -> dict[str, Any]:
    """A shared one, so that everybody may open it; its maker may do the rest."""
    return {"id": shared_view().pk}


def shared_view() -> SavedView:
    name = f"Natal {SavedView.objects.count()}"
    found = save_view({"city": "Natal"}, name=name, by=None, now=NOW)
    SavedView.objects.filter(pk=found.pk).update(shared=True)
    return found


def view_name(account: Account) -> dict[str, Any]:
    return {"name": "Recife"}


def two(account: Account) -> dict[str, Any]:
    return {"id": made(account).pk, "other": made(account).pk}


def merged(account: Account) -> dict[str, Any]:
    return {"id": merge(made(account), made(account), by=None, now=NOW).pk}


ROWS = [
    Row("customers:list", Right.SEE_CUSTOMERS),
    # Without a verb: each verb asks for a right of its own (tests/customers/test_bulk_screens.py).
    Row("customers:bulk", Right.SEE_CUSTOMERS, post=302),
    Row("customers:bulk_act", Right.SEE_CUSTOMERS, kwargs=act, htmx={"GET": 200}),
    Row("customers:bulk_undo", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=act),
    Row("customers:bulk_go_on", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=act),
    Row("customers:bulk_report", Right.EXPORT, kwargs=act),
    Row("customers:layout", Right.SEE_CUSTOMERS, post=302),
    Row("customers:cities", Right.SEE_CUSTOMERS),
    # Without an act: each asks for a right of its own (test_choose.py).
    Row("customers:choose", Right.SEE_CUSTOMERS, htmx={"GET": 200}),
    Row("customers:find", Right.SEE_CUSTOMERS, get=302, htmx={"GET": 200}, query=lambda account: {"q": "mar"}),
    Row("search", Right.SEE_CUSTOMERS, get=302, htmx={"GET": 200}, query=lambda account: {"q": "mar"}),
    Row("customers:view_save", Right.SEE_CUSTOMERS, get=405, post=302),
    Row("customers:view", Right.SEE_CUSTOMERS, get=302, kwargs=view),
    Row("customers:view_change", Right.SEE_CUSTOMERS, get=405, post=302, kwargs=view),
    Row("customers:view_name", Right.SEE_CUSTOMERS, post=302, kwargs=view, body=view_name),
    Row("customers:view_share", Right.SEE_CUSTOMERS, get=405, post=302, kwargs=view),
    Row("customers:view_pin", Right.SEE_CUSTOMERS, get=405, post=302, kwargs=view),
    Row("customers:view_first", Right.SEE_CUSTOMERS, get=405, post=302, kwargs=view),
    Row("customers:view_delete", Right.SEE_CUSTOMERS, get=405, post=302, kwargs=view),
    Row("customers:view_restore", Right.SEE_CUSTOMERS, get=405, post=302, kwargs=view),
    Row("customers:new", Right.EDIT_CUSTOMERS, post=302, body=named),
    Row("customers:card", Right.SEE_CUSTOMERS, kwargs=customer),
    Row("customers:card_tab", Right.SEE_CUSTOMERS, kwargs=history_tab, htmx={"GET": 200}),
    Row(
        "customers:field",
        Right.EDIT_CUSTOMERS,
        get=302,
        post=302,
        htmx={"GET": 200, "POST": 200},
        kwargs=city,
        body=lambda account: {"was": "", "value": "Natal"},
    ),
    Row("customers:add_part", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=points, body=point),
    Row("customers:remove_part", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=a_point),
    Row(
        "customers:part_field",
        Right.EDIT_CUSTOMERS,
        get=302,
        post=302,
        htmx={"GET": 200, "POST": 200},
        kwargs=point_label,
        body=lambda account: {"was": "", "value": "Work"},
    ),
    Row("customers:bring_back", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=removal),
    Row("customers:main_point", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=main),
    Row("customers:older_notes", Right.SEE_CUSTOMERS, get=302, kwargs=customer),
    Row("customers:pin_note", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=note),
    Row("customers:photo", Right.SEE_CUSTOMERS, kwargs=with_photo),
    Row("customers:change_photo", Right.EDIT_CUSTOMERS, get=405, post=422, kwargs=customer),
    Row("customers:remove_photo", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=customer),
    Row("customers:payer", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=contact),
    Row("customers:edit", Right.EDIT_CUSTOMERS, post=302, kwargs=customer, body=named),
    Row("customers:archive", Right.ARCHIVE_CUSTOMERS, post=302, kwargs=customer),
    Row("customers:resolve_pending", Right.ARCHIVE_CUSTOMERS, get=405, post=302, kwargs=customer),
    Row("customers:delete", Right.ARCHIVE_CUSTOMERS, post=302, kwargs=customer),
    Row("customers:twins", Right.EDIT_CUSTOMERS, get=405, post=200, body=named),
    Row("customers:merge_choose", Right.EDIT_CUSTOMERS, kwargs=customer, htmx={"GET": 200}),
    Row("customers:merge", Right.EDIT_CUSTOMERS, post=302, kwargs=two),
    Row("customers:duplicates", Right.EDIT_CUSTOMERS, htmx={"GET": 200}),
    Row("customers:duplicates_search", Right.EDIT_CUSTOMERS, get=405, post=302),
    Row("customers:duplicates_act", Right.EDIT_CUSTOMERS, get=405, post=302),
    Row("customers:duplicates_again", Right.EDIT_CUSTOMERS, get=405, post=302),
    Row("customers:unmerge", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=merged),
    Row("privacy:requests", Right.PRIVACY),
    Row("customers:person", Right.PRIVACY, kwargs=customer, htmx={"GET": 200}),
    Row("customers:person_export", Right.PRIVACY, get=405, post=302, kwargs=customer),
    Row("customers:person_anonymise", Right.PRIVACY, post=302, kwargs=customer, body=confirmed),
    Row("customers:person_file", Right.PRIVACY, kwargs=exported),
    Row("customers:own_filters", Right.SEE_CUSTOMERS, htmx={"GET": 200}),
    Row("customers:own_fields", Right.EDIT_ACCOUNT),
    Row(
        "customers:new_own_field", Right.EDIT_ACCOUNT, post=302, body=lambda account: {"label": "Sala", "kind": "text"}
    ),
    Row("customers:order_own_fields", Right.EDIT_ACCOUNT, get=405, post=302, htmx={"POST": 200}),
    Row("customers:own_field", Right.EDIT_ACCOUNT, post=302, kwargs=own_field, body=lambda account: {"label": "Sala"}),
    Row(
        "customers:own_field_kind",
        Right.EDIT_ACCOUNT,
        post=302,
        kwargs=own_field,
        body=lambda account: {"kind": "number"},
    ),
    Row("customers:remove_own_field", Right.EDIT_ACCOUNT, get=405, post=302, kwargs=own_field),
    Row("customers:restore_own_field", Right.EDIT_ACCOUNT, get=405, post=302, kwargs=own_field),
    Row(
        "customers:own_value",
        Right.EDIT_CUSTOMERS,
        get=302,
        post=302,
        htmx={"GET": 200, "POST": 200},
        kwargs=own_value,
        body=lambda account: {"was": "", "value": "A"},
    ),
    Row("customers:unarchive", Right.ARCHIVE_CUSTOMERS, get=405, post=302, kwargs=archived),
]
