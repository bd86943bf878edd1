"""Imports of own fields cut off at any statement (M14, F1)."""

import random

import pytest
from django.db import OperationalError

from carteira.billing.tests.test_sheet_faults import cut_at
from carteira.core.events.models import Event
from carteira.core.sheets import engine
from carteira.core.sheets.models import SheetImport
from carteira.core.sheets.tests.importing import importer
from carteira.core.walls import scope
from carteira.customers.fields import values
from carteira.customers.fields.define import add_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import FieldValue, Kind
from carteira.customers.models import Customer
from carteira.customers.register import register
from conftest import NOW

__all__ = ["importer"]
pytestmark = pytest.mark.django_db(transaction=True)

SHEET = "code,Sala,Dias,Crachá\n1,Azul,Seg,2\n2,,Ter,1\n3,Verde,Seg; Ter,3\n4,Verde,Dom,4\n"


def state(account):
    """Everything such an import writes, without ids."""
    with scope(account.pk):
        said = FieldValue.objects.values_list("customer__code", "field__label", "said", "text", "alone")
        return {
            "customers": sorted(Customer.objects.values_list("number", "code", "search")),
            "said": sorted(said),
            "events": sorted(Event.objects.values_list("kind", flat=True)),
        }


def made(account):
    with scope(account.pk):
        room = add_field(label="Sala", kind=Kind.TEXT, by=None, now=NOW)
        days = add_field(label="Dias", kind=Kind.CHOICES, options=["Seg", "Ter"], by=None, now=NOW)
        badge = add_field(label="Crachá", kind=Kind.NUMBER, unique=True, by=None, now=NOW)
        reading = values.Reading(account, NOW)
        for code in ("1", "2"):
            one = register(account, by=None, now=NOW, name=f"Customer {code}", code=code)
            for field, typed in ((room, "Preta"), (badge, code)):
                fill(one, field, values.clean(field, typed, reading), reading=reading, by=None, now=NOW)
        return {"code": "code", "Sala": room.name, "Dias": days.name, "Crachá": badge.name}


def started(account, mapping):
    with scope(account.pk):
        return SheetImport.objects.create(
            kind="customers", file_name="x.csv", mapping=mapping, key="code", language="en", created_at=NOW
        )


def test_cut_off_at_any_statement_it_is_all_or_nothing(cast, importer, monkeypatch):
    monkeypatch.setattr(engine, "_worth_another_try", lambda error: False)
    path, once, often = importer.file(SHEET), cast.aurora, cast.boreal
    engine.run(once, started(once, made(once)).pk, path, by=None, now=NOW)
    whole, mapping = state(once), made(often)
    before = state(often)
    assert whole != before
    order = list(range(1, 140))
    random.Random("1988 own").shuffle(order)
    record, finished = started(often, mapping), 0
    for n in order[:60]:
        try:
            with cut_at(n):
                engine.run(often, record.pk, path, by=None, now=NOW)
            finished += 1
            assert state(often) == whole, f"finished, but cut at {n}"
        except OperationalError:
            assert state(often) in (before, whole), f"half-written when cut at {n}"
    engine.run(often, record.pk, path, by=None, now=NOW)
    assert state(often) == whole
    assert finished
