"""Tax and identity documents by country: told apart by their shape, checked by python-stdnum (feature map
6.1, 6.10).

Stored as (kind, value): capitals and digits without punctuation, text for ever (a CNPJ may have letters since
IN RFB 2.229/2024 and may start with zeros). Brazil takes CPF and CNPJ; Mexico RFC and CURP; Argentina CUIT
and DNI; Chile RUT; Colombia NIT and cédula; Peru RUC and DNI; any other country a free identifier, kind "id".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.ar import cuit
from stdnum.br import cnpj, cpf
from stdnum.cl import rut
from stdnum.co import nit
from stdnum.exceptions import ValidationError as NotValid
from stdnum.mx import curp, rfc
from stdnum.pe import ruc

from carteira.core.people.cells import code_text

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MAX_DOCUMENT = 32
FREE = "id"


@dataclass(frozen=True, slots=True)
class Kind:
    """`shape` is matched by the value without punctuation; `zeros` are (digits, of) a sheet's number is
    filled up to.
    """

    code: str
    label: str
    shape: re.Pattern[str]
    validate: Callable[[str], object] | None = None
    format: Callable[[str], str] | None = None
    zeros: tuple[int, int] | None = None


def _kind(
    code: str,
    label: str,
    shape: str,
    validate: Callable[[str], object] | None = None,
    format: Callable[[str], str] | None = None,
    zeros: tuple[int, int] | None = None,
) -> Kind:
    return Kind(code, label, re.compile(shape), validate, format, zeros)


_CPF = _kind("cpf", "CPF", r"[0-9]{11}", cpf.validate, cpf.format, zeros=(8, 11))
_CNPJ = _kind("cnpj", "CNPJ", r"[0-9A-Z]{12}[0-9]{2}", cnpj.validate, cnpj.format, zeros=(12, 14))
# The RFC's check digit is not enforced, as nowhere in Mexico: numbers with a wrong one were issued and are in
# use.
_RFC = _kind("rfc", "RFC", r"[A-ZÑ&]{3,4}[0-9]{6}[0-9A-Z]{3}", rfc.validate)
_CURP = _kind("curp", "CURP", r"[A-Z]{4}[0-9]{6}[A-Z]{6}[0-9A-Z][0-9]", curp.validate)
_CUIT = _kind("cuit", "CUIT", r"[0-9]{11}", cuit.validate, cuit.format)
_RUT = _kind("rut", "RUT", r"[0-9]{7,8}[0-9K]", rut.validate, rut.format)
# Companies' numbers begin with 8 or 9; a person's NIT is the cédula (10 digits beginning with 1, or fewer)
# and a check digit.
_NIT = _kind("nit", "NIT", r"[89][0-9]{9}|1[0-9]{10}", nit.validate, nit.format)
_CEDULA = _kind("cc", "CC", r"[0-9]{6,8}|1[0-9]{9}")
_RUC = _kind("ruc", "RUC", r"[0-9]{11}", ruc.validate)
_DNI_AR = _kind("dni", "DNI", r"[0-9]{7,8}")
_DNI_PE = _kind("dni", "DNI", r"[0-9]{8}", zeros=(7, 8))

_BY_COUNTRY: dict[str, tuple[Kind, ...]] = {
    "BR": (_CPF, _CNPJ),
    "MX": (_RFC, _CURP),
    "AR": (_CUIT, _DNI_AR),
    "CL": (_RUT,),
    "CO": (_NIT, _CEDULA),
    "PE": (_RUC, _DNI_PE),
}
_BY_CODE = {kind.code: kind for kinds in _BY_COUNTRY.values() for kind in kinds}
_EXPECTED: dict[str, "_StrPromise"] = {
    "BR": _("A CPF has 11 digits, a CNPJ 14 letters and digits."),
    "MX": _("An RFC has 12 or 13 letters and digits, a CURP 18."),
    "AR": _("A CUIT has 11 digits, a DNI 7 or 8."),
    "CL": _("A RUT has 7 or 8 digits and its check digit, such as 12.345.678-5."),
    "CO": _("A NIT has 9 digits and its check digit, a cédula 6 to 8 or 10 digits."),
    "PE": _("A RUC has 11 digits, a DNI 8."),
}

_PUNCTUATION = str.maketrans("", "", " .-/_")
_FREE_SHAPE = re.compile(r"[0-9A-ZÑ&]{1,32}")
_WITH_CHECK_DIGIT = re.compile(r"[0-9. ]{6,16}-[0-9]")


def clean_document(value: object, country: str, *, restore_zeros: bool = False) -> tuple[str, str]:
    """(kind, value) of a document of `country` (ISO 3166), e.g. ("cpf", "52998224725").

    Spreadsheets eat leading zeros: a numeric cell (int, Decimal), or text with `restore_zeros`, gets up to
    three of a CPF and two of a CNPJ back, and counts only when the check digits then match. Forms do not:
    there a missing digit is a slip. Raises ValidationError with code document_blank, document_invalid,
    document_check (check digits do not match), document_repeated (all digits equal) or document_shortened.
    Sentences never repeat the number: it is personal data.
    """
    text, numeric = code_text(value, limit=2 * MAX_DOCUMENT, code="document")
    compact = text.upper().translate(_PUNCTUATION)
    kinds = _BY_COUNTRY.get(country)
    if kinds is None:
        if _FREE_SHAPE.fullmatch(compact) is None:
            raise _refuse(_("A document has letters and digits only, at most %(limit)s."))
        return FREE, compact
    if country == "CO" and _WITH_CHECK_DIGIT.fullmatch(text):
        return _checked(_NIT, compact)
    for kind in kinds:
        if kind.shape.fullmatch(compact):
            return _checked(kind, compact)
    if (numeric or restore_zeros) and compact.isdecimal():
        for kind in kinds:
            if kind.zeros and kind.zeros[0] <= len(compact) < kind.zeros[1]:
                return _checked(kind, compact.zfill(kind.zeros[1]))
    raise _refuse(_EXPECTED[country])


def _checked(kind: Kind, compact: str) -> tuple[str, str]:
    if kind.validate is not None:
        if compact.count(compact[0]) == len(compact):
            raise ValidationError(
                _("All digits of this %(kind)s are the same."),
                code="document_repeated",
                params={"kind": kind.label},
            )
        try:
            kind.validate(compact)
        except NotValid:
            raise ValidationError(
                _("This %(kind)s is not valid: its check digits do not match. Look for a slip."),
                code="document_check",
                params={"kind": kind.label},
            ) from None
    return kind.code, compact


def _refuse(sentence: "_StrPromise") -> ValidationError:
    return ValidationError(sentence, code="document_invalid", params={"limit": MAX_DOCUMENT})


def document_label(kind: str) -> "str | _StrPromise":
    """What the document is called: CPF; "Document" for a free identifier."""
    return _BY_CODE[kind].label if kind in _BY_CODE else _("Document")


def format_document(kind: str, value: str) -> str:
    """As it is written on paper: 529.982.247-25, 12.ABC.345/01DE-35; else unchanged."""
    known = _BY_CODE.get(kind)
    return known.format(value) if value and known is not None and known.format is not None else value


def mask_document(kind: str, value: str) -> str:
    """For screens that need not show it: a CPF keeps its middle (***.982.247-**), others their last four."""
    written = format_document(kind, value)
    places = [i for i, char in enumerate(written) if char.isalnum()]
    if kind == "cpf":
        shown = set(places[3:9])
    else:
        shown = set(places[-4:] if len(places) > 6 else places[len(places) - len(places) // 3 :])
    return "".join(char if i in shown or not char.isalnum() else "*" for i, char in enumerate(written))
