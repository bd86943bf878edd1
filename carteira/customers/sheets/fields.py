"""The columns a file of customers may bring. Validators are those of the forms (core.people, core.dates)."""

from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from carteira.core import dates, people
from carteira.core.sheets.registry import Cleaner, Field, Reading
from carteira.customers.models import Customer

MAX_CODE = 80

_KINDS = {
    **dict.fromkeys(("person", "pessoa", "pessoa fisica", "persona", "persona fisica", "pf", "f", "fisica"), "person"),
    **dict.fromkeys(
        ("company", "empresa", "pessoa juridica", "persona juridica", "compania", "pj", "j", "juridica"),
        "company",
    ),
}


def _kind(cell: Any) -> str:
    text = people.name_sort(people.clean_text(cell, limit=40))
    if not text:
        raise ValidationError(_("There is nothing here."), code="kind_blank")
    if text not in _KINDS:
        raise ValidationError(_("Write person or company."), code="kind_unknown")
    return _KINDS[text]


def code_cleaner(reading: Reading) -> Cleaner:
    return partial(people.clean_text, limit=MAX_CODE)


def document_cleaner(reading: Reading) -> Cleaner:
    """(kind, value). A spreadsheet may have eaten leading zeros."""
    read = partial(people.clean_document, country=reading.account.country, restore_zeros=True)
    limit = Customer._meta.get_field("document").max_length

    def clean(cell: Any) -> tuple[str, str]:
        kind, value = read(cell)
        if len(value) > limit:
            raise _too_long(limit)
        return kind, value

    return clean


def email_cleaner(reading: Reading) -> Cleaner:
    return people.clean_email


def day_cleaner(reading: Reading) -> Cleaner:
    return partial(dates.parse_date, language=reading.language, zone=reading.account.time_zone)


def past_day_cleaner(reading: Reading) -> Cleaner:
    """A day up to the account's today."""
    parse, today = day_cleaner(reading), reading.today

    def clean(cell: Any) -> date:
        day: date = parse(cell)
        if day > today:
            raise ValidationError(_("This day is in the future."), code="date_future")
        return day

    return clean


def identifiers() -> tuple[Field, ...]:
    """The fields that say which customer is meant, in every sheet."""
    return (
        Field("code", _("code"), code_cleaner, synonyms=CODE_WORDS),
        Field(
            "document",
            _("document"),
            document_cleaner,
            synonyms=DOCUMENT_WORDS,
            columns=(("document_kind", "text"), ("document", "text")),
        ),
        Field("email", _("e-mail"), email_cleaner, synonyms=EMAIL_WORDS),
    )


CODE_WORDS = (
    "código",
    "código do cliente",
    "cod",
    "cod cliente",
    "cliente código",
    "matrícula",
    "código cliente",
    "customer id",
    "customer code",
    "client id",
    "id cliente",
    "=id",
    "=ref",
    "referência",
)
DOCUMENT_WORDS = (
    *("documento", "cpf", "cnpj", "cpf cnpj", "cpf/cnpj", "rfc", "curp", "cuit", "rut", "nit", "ruc", "dni"),
    *("tax id", "identificación", "cédula"),
)
EMAIL_WORDS = ("email", "e-mail", "correo", "correo electrónico", "mail", "=endereço eletrônico")


def _state(reading: Reading) -> Cleaner:
    def clean(cell: Any) -> str:
        text = people.clean_state(cell, reading.account.country)
        limit = Customer._meta.get_field("state").max_length
        if len(text) > limit:
            raise _too_long(limit)
        return text

    return clean


def _too_long(limit: int) -> ValidationError:
    return ValidationError(_("This text is too long: at most %(limit)s characters."), "text_too_long", {"limit": limit})


def _phone(reading: Reading) -> Cleaner:
    return partial(people.clean_phone, country=reading.account.country)


FIELDS: tuple[Field, ...] = (
    Field(
        "name",
        _("name"),
        lambda reading: people.clean_name,
        synonyms=(
            *("nome", "nome completo", "nome do cliente", "nome cliente", "razão social", "cliente", "aluno"),
            *("nombre", "nombre completo", "nombre del cliente", "razón social", "alumno"),
            *("full name", "customer name", "=customer", "=client"),
        ),
    ),
    *identifiers(),
    Field(
        "phone",
        _("phone"),
        _phone,
        synonyms=(
            "telefone",
            "celular",
            "whatsapp",
            "fone",
            "teléfono",
            "móvil",
            "mobile",
            "=tel",
            "cell phone",
        ),
    ),
    Field(
        "city",
        _("city"),
        lambda reading: people.clean_city,
        synonyms=("cidade", "município", "ciudad"),
        repeats=True,
    ),
    Field(
        "state",
        _("state"),
        _state,
        synonyms=("estado", "=uf", "provincia", "departamento", "region", "província"),
        repeats=True,
    ),
    Field(
        "kind",
        _("person or company"),
        lambda reading: _kind,
        synonyms=("tipo de pessoa", "tipo de cliente", "tipo de persona", "=tipo", "customer type", "pessoa"),
        repeats=True,
    ),
    Field(
        "registered_on",
        _("registered on"),
        past_day_cleaner,
        columns=(("registered_on", "date"),),
        synonyms=(
            *(
                "cadastro",
                "data de cadastro",
                "cadastrado em",
                "cliente desde",
                "data de matrícula",
                "registrado em",
            ),
            *("fecha de registro", "registrado", "cliente desde", "fecha de alta", "=alta"),
            *("registered", "registered at", "customer since", "signup date", "created at", "=since"),
        ),
        repeats=True,
    ),
)
