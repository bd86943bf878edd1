"""The fields that the demo's school has of its own, and what they say of its pupils."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from carteira.customers.fields.define import add_field
from carteira.customers.fields.fill import rows_of
from carteira.customers.fields.models import Field, FieldValue, Kind
from carteira.customers.fields.values import Reading, clean
from carteira.customers.models import Customer

_CLASSES = ("Infantil A", "Infantil B", "1º ano", "2º ano", "3º ano", "4º ano", "5º ano")
_SCHOOL, _UNIFORM = "Escola", "Uniforme"


def add_own_fields(account: Any, by: Any, random: Random, now: datetime) -> None:
    """Most pupils' values, by chances of their own: the lots drawn for payments stay as they were."""
    chances, reading = Random("own fields"), Reading(account, now, "pt-br")
    fields = _fields(by, now)
    rows: list[FieldValue] = []
    for customer in Customer.objects.filter(kind=Customer.Kind.PERSON).order_by("number"):
        anniversary = customer.registered_on + timedelta(days=chances.randrange(30))
        said = {
            "Turma": chances.choice(_CLASSES),
            "Aniversário da matrícula": anniversary.isoformat(),
            "Bolsa %": chances.choice(("10", "25", "50", "100")) if chances.random() < 0.15 else "",
            "Autoriza uso de imagem": chances.choice(("sim", "sim", "não")),
            "Tamanho da camiseta": chances.choice(("P", "M", "G")) if chances.random() < 0.8 else "",
            "Atividades": ", ".join(chances.sample(("Futebol", "Dança", "Inglês"), chances.choice((0, 0, 1, 2)))),
        }
        for field in fields:
            if chances.random() < 0.92:
                rows += rows_of(field, customer, clean(field, said[field.label], reading))
    FieldValue.objects.bulk_create(rows, batch_size=2_000)


def _fields(by: Any, now: datetime) -> list[Field]:
    written: list[dict[str, Any]] = [
        {"label": "Turma", "kind": Kind.CHOICE, "options": _CLASSES, "section": _SCHOOL},
        {"label": "Aniversário da matrícula", "kind": Kind.DATE, "section": _SCHOOL},
        {"label": "Bolsa %", "kind": Kind.NUMBER, "section": _SCHOOL, "help_text": "Desconto na mensalidade."},
        {"label": "Atividades", "kind": Kind.CHOICES, "options": ("Futebol", "Dança", "Inglês"), "section": _SCHOOL},
        {
            "label": "Autoriza uso de imagem",
            "kind": Kind.YES_NO,
            "section": _SCHOOL,
            "asked_in": ["contact", "documents"],
            "keep_asking": True,
        },
        {
            "label": "Tamanho da camiseta",
            "kind": Kind.CHOICE,
            "options": ("P", "M", "G"),
            "section": _UNIFORM,
            "required": True,
        },
    ]
    return [add_field(by=by, now=now, **one) for one in written]
