"""The columns a file of customers may bring. Validators are those of the customer's form (customers.forms)."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from carteira.core import dates, people
from carteira.core.sheets.registry import Cleaner, Field, Reading
from carteira.customers.forms import cleaners
from carteira.customers.models import Customer
from carteira.customers.sheets.part_fields import PART_FIELDS

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


def from_form(name: str) -> Callable[[Reading], Cleaner]:
    """The validator that the customer's form uses for this column."""
    return lambda reading: cleaners(reading.account, now=reading.now, language=reading.language)[name]


def document_cleaner(reading: Reading) -> Cleaner:
    """(kind, value). Unlike a form's, a sheet's number may have lost its leading zeros to a spreadsheet."""
    read = partial(people.clean_document, country=reading.account.country, restore_zeros=True)
    limit = Customer._meta.get_field("document").max_length or 0

    def clean(cell: Any) -> tuple[str, str]:
        kind, value = read(cell)
        if len(value) > limit:
            raise ValidationError(
                _("This text is too long: at most %(limit)s characters."), "text_too_long", {"limit": limit}
            )
        return kind, value

    return clean


def day_cleaner(reading: Reading) -> Cleaner:
    return partial(dates.parse_date, language=reading.language, zone=reading.account.time_zone)


# Its name is none that a file of another program has.
OWN_ID = "carteira_id"


def _id_cleaner(reading: Reading) -> Cleaner:
    def clean(cell: Any) -> UUID | None:
        """What is no id of ours is taken for nothing: the other identifiers then say who is meant."""
        try:
            return UUID(str(cell).strip())
        except ValueError:
            return None

    return clean


def own_id() -> Field:
    """The column by which a file that was exported here finds its rows again, whatever was changed in the others."""
    return Field(
        OWN_ID,
        _("Carteira id"),
        _id_cleaner,
        synonyms=("=carteira id", "=id carteira", "=id na carteira", "=id en carteira"),
        columns=(("id", "uuid"),),
        ours=True,
    )


def identifiers() -> tuple[Field, ...]:
    """The fields that say which customer is meant, in every sheet."""
    return (
        Field("code", _("code"), from_form("code"), synonyms=CODE_WORDS),
        Field(
            "document",
            _("document"),
            document_cleaner,
            synonyms=DOCUMENT_WORDS,
            columns=(("document_kind", "text"), ("document", "text")),
        ),
        Field("email", _("e-mail"), from_form("email"), synonyms=EMAIL_WORDS),
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
EMAIL_WORDS = (
    *("e-mail 1 value", "email 1 value", "e-mail address", "endereço de e-mail", "endereço de email", "=email 1"),
    *("dirección de correo electrónico", "dirección de correo", "e-mail principal", "primary email"),
    "email",
    "e-mail",
    "correo",
    "correo electrónico",
    "mail",
    "=endereço eletrônico",
)


SOURCE_WORDS = ("origem", "como conheceu", "origen", "canal", "=source", "lead source", "original source")


def _postal_code(reading: Reading) -> Cleaner:
    return partial(people.clean_postal_code, country=reading.account.country, restore_zeros=True)


def _part(reading: Reading) -> Cleaner:
    return partial(people.clean_text, limit=200)


# First and last names in columns of their own, and the organisation of whoever has no name: Google, Outlook, HubSpot and
# phones write them so.
NAME_PARTS = ("first_name", "middle_name", "last_name", "organization")
_PARTS = (
    Field(
        "first_name",
        _("given name"),
        _part,
        synonyms=("first name", "given name", "primeiro nome", "prenome", "nombre de pila", "=n given"),
        part_of="name",
    ),
    Field(
        "middle_name",
        _("middle name"),
        _part,
        synonyms=("middle name", "additional name", "segundo nome", "nome do meio", "segundo nombre"),
        part_of="name",
    ),
    Field(
        "last_name",
        _("family name"),
        _part,
        synonyms=("last name", "family name", "surname", "sobrenome", "=apellido", "=apellidos", "=n family"),
        part_of="name",
    ),
    Field(
        "organization",
        _("organization"),
        _part,
        synonyms=(
            *("organization name", "=organization", "company name", "=company", "=empresa", "nome da empresa"),
            *("organización", "organização", "nombre de la empresa", "=compañía", "nome fantasia", "=org"),
        ),
        part_of="name",
    ),
)

FIELDS: tuple[Field, ...] = (
    Field(
        "name",
        _("name"),
        from_form("name"),
        synonyms=(
            *("nome", "nome completo", "nome do cliente", "nome cliente", "razão social", "cliente", "aluno"),
            *("nombre", "nombre completo", "nombre del cliente", "razón social", "alumno"),
            *("full name", "customer name", "=customer", "=client", "=fn", "display name", "file as", "=contact"),
        ),
    ),
    *identifiers(),
    Field(
        "phone",
        _("phone"),
        from_form("phone"),
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
            *("phone 1 value", "phone number", "mobile phone", "telefone celular", "celular principal", "=phone 1"),
            *("número de telefone", "número de teléfono", "teléfono móvil", "telefone principal", "primary phone"),
        ),
    ),
    Field(
        "city",
        _("city"),
        from_form("city"),
        synonyms=(
            *("cidade", "município", "ciudad", "address 1 city", "home city", "adr city", "mailing city"),
            *("cidade do endereço residencial", "ciudad de residencia", "ciudad particular"),
        ),
        repeats=True,
    ),
    Field(
        "state",
        _("state"),
        from_form("state"),
        synonyms=(
            "estado",
            "=uf",
            "provincia",
            "departamento",
            "region",
            "província",
            "address 1 region",
            *("state region", "adr region", "home state", "estado do endereço residencial", "mailing state"),
        ),
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
        from_form("registered_on"),
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
            *("registered", "registered at", "customer since", "signup date", "created at", "=since", "create date"),
        ),
        repeats=True,
    ),
    Field(
        "birth_on",
        _("birth date"),
        from_form("birth_on"),
        columns=(("birth_on", "date"),),
        synonyms=(
            *("data de nascimento", "nascimento", "aniversário", "dt nascimento", "fecha de nacimiento", "cumpleaños"),
            *("birthday", "birth date", "date of birth", "=bday"),
        ),
        repeats=True,
    ),
    Field("source", _("source"), from_form("source"), synonyms=SOURCE_WORDS, repeats=True),
    Field(
        "street",
        _("street"),
        from_form("street"),
        synonyms=(
            *("rua", "logradouro", "=endereço", "=calle", "=dirección", "=domicilio", "street address", "=address"),
            *("address 1 street", "home street", "rua do endereço residencial", "mailing street", "adr street"),
        ),
    ),
    Field(
        "street_number",
        _("house number"),
        from_form("street_number"),
        synonyms=("número da casa", "número do endereço", "=número", "=nº", "número exterior", "house number"),
    ),
    Field("complement", _("complement"), from_form("complement"), synonyms=("complemento", "=apto", "=interior")),
    Field(
        "district",
        _("neighbourhood"),
        from_form("district"),
        synonyms=("bairro", "barrio", "=colonia", "neighborhood", "district"),
        repeats=True,
    ),
    Field(
        "postal_code",
        _("postal code"),
        _postal_code,
        synonyms=(
            *("cep", "código postal", "=cp", "zip", "zip code", "postal code", "address 1 postal code", "adr code"),
            *("home postal code", "cep do endereço residencial", "mailing zip postal code"),
        ),
        repeats=True,
    ),
    *PART_FIELDS,
    own_id(),
    *_PARTS,
)

# Stored columns by field; what an update may change.
COLUMNS = {
    field.name: tuple(name for name, _type in field.staged)
    for field in FIELDS
    if not field.ours and not field.part_of and field not in PART_FIELDS
}
STORED = tuple(name for names in COLUMNS.values() for name in names)


def told(reading: Reading) -> list[str]:
    """The fields of the file that are stored."""
    fields = set(reading.fields)
    if fields.intersection(NAME_PARTS):
        fields.add("name")
    return sorted(fields & COLUMNS.keys())
