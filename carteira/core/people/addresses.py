"""Parts of an address (feature map 6.7). Look-up services are not asked: streets stay editable."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from carteira.core.people.cells import code_text
from carteira.core.people.names import clean_text, name_sort

MAX_CITY = 100
MAX_POSTAL_CODE = 12

# Brazil's 26 states and its federal district. Proper names: not translated.
STATES: dict[str, str] = {
    "AC": "Acre",
    "AL": "Alagoas",
    "AP": "Amapá",
    "AM": "Amazonas",
    "BA": "Bahia",
    "CE": "Ceará",
    "DF": "Distrito Federal",
    "ES": "Espírito Santo",
    "GO": "Goiás",
    "MA": "Maranhão",
    "MT": "Mato Grosso",
    "MS": "Mato Grosso do Sul",
    "MG": "Minas Gerais",
    "PA": "Pará",
    "PB": "Paraíba",
    "PR": "Paraná",
    "PE": "Pernambuco",
    "PI": "Piauí",
    "RJ": "Rio de Janeiro",
    "RN": "Rio Grande do Norte",
    "RS": "Rio Grande do Sul",
    "RO": "Rondônia",
    "RR": "Roraima",
    "SC": "Santa Catarina",
    "SP": "São Paulo",
    "SE": "Sergipe",
    "TO": "Tocantins",
}
_STATE_BY_NAME = {name_sort(name): code for code, name in STATES.items()}

_CEP = re.compile(r"([0-9]{2})\.?([0-9]{3})[- ]?([0-9]{3})")
_POSTAL_CODE = re.compile(r"[0-9A-Z](?:[0-9A-Z -]*[0-9A-Z])?")


def clean_cep(value: object, *, restore_zeros: bool = False) -> str:
    """A Brazilian postal code as eight digits, 01310100, written with or without its hyphen.

    A numeric cell, or text with `restore_zeros`, gets back the leading zero that a spreadsheet ate (São Paulo
    begins with 0). Raises ValidationError with code cep_blank, cep_invalid or cep_shortened.
    """
    text, numeric = code_text(value, limit=20, code="cep")
    if (numeric or restore_zeros) and len(text) == 7:
        text = f"0{text}"
    found = _CEP.fullmatch(text)
    if found is None or found[1] == "00":
        raise ValidationError(_("A CEP has eight digits, such as 01310-100."), code="cep_invalid")
    return "".join(found.groups())


def format_cep(cep: str) -> str:
    """01310100 -> 01310-100."""
    return f"{cep[:5]}-{cep[5:]}"


def clean_postal_code(value: object, country: str, *, restore_zeros: bool = False) -> str:
    """Brazil's CEP; elsewhere at most 12 capitals, digits, spaces, hyphens (code postal_code_invalid)."""
    if country == "BR":
        return clean_cep(value, restore_zeros=restore_zeros)
    text, _numeric = code_text(value, limit=20, code="postal_code")
    written = " ".join(text.upper().split())
    if len(written) > MAX_POSTAL_CODE or _POSTAL_CODE.fullmatch(written) is None:
        raise ValidationError(
            _("A postal code has letters and digits only, at most %(limit)s."),
            code="postal_code_invalid",
            params={"limit": MAX_POSTAL_CODE},
        )
    return written


def clean_state(value: object, country: str) -> str:
    """Two letters for Brazil's 27 states, given as letters or name; elsewhere free text, at most 100.

    Raises ValidationError with code state_blank or state_unknown, besides those of `clean_text`.
    """
    text = clean_text(value, limit=MAX_CITY)
    if not text:
        raise ValidationError(_("There is no state here."), code="state_blank")
    if country != "BR":
        return text
    code = text.upper()
    if code in STATES:
        return code
    code = _STATE_BY_NAME.get(name_sort(text), "")
    if not code:
        raise _unknown_state()
    return code


def _unknown_state() -> ValidationError:
    return ValidationError(_("There is no such state. Write its two letters, such as SP."), code="state_unknown")


def clean_city(value: object) -> str:
    """A city's name as written, at most 100 characters; code city_blank for nothing."""
    text = clean_text(value, limit=MAX_CITY)
    if not text:
        raise ValidationError(_("There is no city here."), code="city_blank")
    return text


def city_sort(city: str) -> str:
    """The key by which cities are sorted, filtered and grouped: sao paulo for São Paulo and SAO PAULO."""
    return name_sort(city)[:MAX_CITY].rstrip()
