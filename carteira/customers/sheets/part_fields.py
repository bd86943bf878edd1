"""The columns that bring what a card holds besides the customer's own row: further e-mails and phones, contacts, who is
in charge, who pays. `derive_parts` makes of them, line by line, what is staged and matched (customers.sheets.parts).
"""

import json
import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core import people
from carteira.core.sheets.registry import Batch, Cleaner, Field, Reading
from carteira.customers.forms import cleaners
from carteira.customers.parts import MOST

# What a line says about somebody besides the columns of the customer, as the history names it.
PARTS = ("owner", "more_emails", "more_phones", "contacts", "payer")
# Contacts that a line may bring; more stand on the card.
CONTACTS = 3
CONTACT_COLUMNS = ("name", "role", "email", "phone")
# (column, type) that `derive_parts` adds to a batch; JSON, but for the last.
STAGED = (("points", "jsonb"), ("contacts", "jsonb"), ("payer_document", "text"))

_APART = {"email": re.compile(r"[;,\n]|:::"), "phone": re.compile(r"[;,/\n]|:::")}
_LABELED = re.compile(r"(.*\S)\s*\(([^()]*[^\W\d_][^()]*)\)", re.DOTALL)


def _several(kind: str) -> Callable[[Reading], Cleaner]:
    """One cell, several values apart by semicolons, each with a label in brackets if it has one; stored as JSON."""

    def bind(reading: Reading) -> Cleaner:
        known = cleaners(reading.account, now=reading.now, language=reading.language)
        clean, clean_label = known[kind], known["label"]

        def read(cell: Any) -> str:
            found: dict[str, str] = {}
            for text in _APART[kind].split(cell) if isinstance(cell, str) else [cell]:
                if isinstance(text, str) and not (text := text.strip()):
                    continue
                labeled = _LABELED.fullmatch(text) if isinstance(text, str) else None
                value, label = (labeled[1], clean_label(labeled[2])) if labeled else (text, "")
                found.setdefault(clean(value), label)
            if not found:
                raise ValidationError(_("There is nothing here."), code="points_blank")
            if len(found) > MOST:
                raise ValidationError(
                    _("At most %(most)s of these.") % {"most": MOST},
                    code="points_many",
                )
            return json.dumps(list(found.items()))

        return read

    return bind


def labeled(value: str, label: str) -> str:
    """A value as `_several` reads it back."""
    plain = " ".join(re.sub(r"[();,/:\n]", " ", label).split())
    return f"{value} ({plain})" if re.search(r"[^\W\d_]", plain) else value


def _from_form(name: str) -> Callable[[Reading], Cleaner]:
    return lambda reading: cleaners(reading.account, now=reading.now, language=reading.language)[name]


def _payer(reading: Reading) -> Cleaner:
    return lambda cell: people.clean_text(cell, limit=200)


def _points(kind: str, name: str, label: Any, *synonyms: str, part: bool = True) -> Field:
    return Field(
        name,
        label,
        _several(kind),
        synonyms=synonyms,
        columns=((name, "jsonb"),),
        part_of=("more_emails" if kind == "email" else "more_phones") if part else "",
    )


_CONTACT_LABELS = {
    "name": gettext_lazy("contact {nth}: name"),
    "role": gettext_lazy("contact {nth}: role"),
    "email": gettext_lazy("contact {nth}: e-mail"),
    "phone": gettext_lazy("contact {nth}: phone"),
}
_CONTACT_WORDS = {
    "name": (
        *("=contato", "nome do contato", "pessoa de contato", "=responsável", "nome do responsável", "=contacto"),
        *("nombre del contacto", "persona de contacto", "nombre del responsable", "contact name", "contact person"),
    ),
    "role": ("cargo do contato", "parentesco", "cargo del contacto", "parentesco del contacto", "contact role"),
    "email": (
        *("e-mail do contato", "e-mail do responsável", "correo del contacto", "correo del responsable"),
        *("contact email", "contact e-mail"),
    ),
    "phone": (
        *("telefone do contato", "celular do contato", "telefone do responsável", "celular do responsável"),
        *("teléfono del contacto", "teléfono del responsable", "contact phone"),
    ),
}


def _contact_fields(nth: int) -> tuple[Field, ...]:
    return tuple(
        Field(
            f"contact_{nth}_{column}",
            format_lazy(label, nth=nth),
            _from_form(column),
            synonyms=_CONTACT_WORDS[column] if nth == 1 else (f"={label_word} {nth}",) if label_word else (),
            part_of="contacts" if nth > 1 else "",
        )
        for column, label in _CONTACT_LABELS.items()
        for label_word in ["contato" if column == "name" else ""]
    )


PART_FIELDS = (
    _points(
        "email",
        "more_emails",
        gettext_lazy("further e-mails"),
        *("outros e-mails", "otros correos", "additional email addresses", "additional emails", "=email more"),
        part=False,
    ),
    _points(
        "phone",
        "more_phones",
        gettext_lazy("further phones"),
        *("outros telefones", "otros teléfonos", "additional phone numbers", "additional phones", "=tel more"),
        part=False,
    ),
    *_contact_fields(1),
    Field(
        "owner_email",
        gettext_lazy("in charge (e-mail)"),
        _from_form("email"),
        synonyms=("=owner e-mail", "=e-mail do vendedor", "=correo del vendedor", "=e-mail do atendente"),
        repeats=True,
    ),
    Field(
        "payer_code",
        gettext_lazy("payer (code or document)"),
        _payer,
        synonyms=(
            *("=pagador", "código do pagador", "documento do pagador", "cpf do pagador", "cnpj do pagador", "=payer"),
            *("cpf do responsável financeiro", "código del pagador", "documento del pagador", "payer code"),
            "payer document",
        ),
    ),
    _points(
        "email",
        "email_2",
        gettext_lazy("e-mail 2"),
        *("e-mail 2 value", "e-mail 2 address", "endereço de e-mail 2", "dirección de correo electrónico 2"),
        *("e-mail secundário", "e-mail alternativo", "correo secundario", "secondary email"),
    ),
    _points(
        "email",
        "email_3",
        gettext_lazy("e-mail 3"),
        *("e-mail 3 value", "e-mail 3 address", "endereço de e-mail 3", "dirección de correo electrónico 3"),
    ),
    _points(
        "phone",
        "phone_2",
        gettext_lazy("phone 2"),
        *("phone 2 value", "home phone", "telefone residencial", "teléfono particular", "telefone fixo", "=celular 2"),
        *("telefone secundário", "secondary phone", "teléfono de casa"),
    ),
    _points(
        "phone",
        "phone_3",
        gettext_lazy("phone 3"),
        *("phone 3 value", "business phone", "telefone comercial", "teléfono del trabajo", "work phone", "=celular 3"),
    ),
    _points("phone", "phone_4", gettext_lazy("phone 4"), "phone 4 value", "other phone", "outro telefone"),
    *(field for nth in range(2, CONTACTS + 1) for field in _contact_fields(nth)),
)
_POINTS = {
    "email": ("more_emails", "email_2", "email_3"),
    "phone": ("more_phones", "phone_2", "phone_3", "phone_4"),
}
_NAMES = frozenset(field.name for field in PART_FIELDS)


_PART_LABELS = {
    "owner": gettext_lazy("in charge"),
    "more_emails": gettext_lazy("further e-mails"),
    "more_phones": gettext_lazy("further phones"),
    "contacts": gettext_lazy("contacts"),
    "payer": gettext_lazy("payer"),
}


def part_label(name: str) -> str:
    return str(_PART_LABELS.get(name, name))


def part_text(value: Any) -> str:
    """What the history and a check's sample say of one of PARTS: a text, or a list of values by name."""
    if isinstance(value, list):
        return ", ".join(" · ".join(str(part) for part in row.values() if part) for row in value)
    return str(value or "")


def told_parts(reading: Reading) -> bool:
    """Whether the file has any of these columns."""
    return bool(reading.fields & _NAMES)


def repeated_parts(reading: Reading) -> list[str]:
    """Staged columns in which a later line of the same customer must say the same."""
    return ["points", "contacts", *(name for name in ("owner_email", "payer_code") if name in reading.fields)]


def derive_parts(batch: Batch, reading: Reading) -> None:
    """Add STAGED to a batch: what each line brings, each thing once."""
    count = len(batch.lines)
    batch.columns |= {name: [None] * count for name, _type in STAGED}
    if not told_parts(reading):
        return
    for field in PART_FIELDS:
        # Also where the file brings it only in parts.
        batch.columns.setdefault(field.name, [None] * count)
    points = {kind: [batch.column(name) for name in names] for kind, names in _POINTS.items()}
    contacts = [
        [batch.column(f"contact_{nth}_{column}") for column in CONTACT_COLUMNS] for nth in range(1, CONTACTS + 1)
    ]
    payers = batch.column("payer_code")
    for at in range(count):
        batch.columns["points"][at] = _points_of(points, at)
        batch.columns["contacts"][at] = _contacts_of(contacts, at)
        if payers[at]:
            batch.columns["payer_document"][at] = _document(payers[at], reading.account.country)


def _points_of(columns: dict[str, list[list[Any]]], at: int) -> str | None:
    found: dict[tuple[str, str], str] = {}
    for kind, cells in columns.items():
        for cell in cells:
            if cell[at] is not None:
                for value, label in json.loads(cell[at]):
                    found.setdefault((kind, value), label)
    return json.dumps([{"kind": k, "value": v, "label": label} for (k, v), label in found.items()]) if found else None


def _contacts_of(columns: list[list[list[Any]]], at: int) -> str | None:
    """Whoever brings no name is called by the e-mail, the role or the phone. `alone`: the only one of that name here."""
    found: list[dict[str, Any]] = []
    for cells in columns:
        name, role, email, phone = (cell[at] or None for cell in cells)
        name = name or email or role or phone
        contact = {"name": name, "role": role, "email": email, "phone": phone}
        if name and contact not in found:
            found.append(contact)
    names = [contact["name"].lower() for contact in found]
    for contact in found:
        contact["alone"] = names.count(contact["name"].lower()) == 1
    return json.dumps(found) if found else None


def _document(text: str, country: str) -> str:
    try:
        value: str = people.clean_document(text, country=country, restore_zeros=True)[1]
    except ValidationError:
        return text
    return value
