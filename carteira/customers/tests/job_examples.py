"""Examples of the room's jobs, for tests/test_every_job.py."""

import secrets
from typing import Any
from unittest.mock import patch

from carteira.core.privacy.models import PersonRequest
from carteira.core.privacy.requests import open_request
from carteira.core.walls import scope
from carteira.customers.bulk import start
from carteira.customers.fields import convert_many, values
from carteira.customers.fields.define import add_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import Kind
from carteira.customers.merge import find
from carteira.customers.register import register
from carteira.customers.selection import Selection
from conftest import NOW


def answer(account: Any) -> dict[str, Any]:
    with scope(account.pk):
        person = register(account, name="Maria Silva", email="maria@example.com", by=None, now=NOW)
        asked = open_request(PersonRequest.Kind.ANONYMISE, person.pk, account=account, by=None, now=NOW)
    return {"request_id": str(asked.pk)}


def change_many(account: Any) -> dict[str, Any]:
    values = {"on": account.today(NOW).isoformat(), "reason": "", "note": ""}
    with scope(account.pk), patch.object(start, "AT_ONCE", 0), patch.object(start, "PART", 2):
        for name in ("Maria Silva", "José Souza", "João Lima"):
            register(account, by=None, now=NOW, name=name)
        act = start.start(account, "archive", Selection(everyone=""), values, by=None, now=NOW)
    return {"act_id": str(act.pk)}


def find_duplicates(account: Any) -> dict[str, Any]:
    with scope(account.pk):
        for name in ("Maria Silva", "Maria da Silva", "José Souza"):
            register(account, by=None, now=NOW, name=name, email="maria@example.com", city="Natal")
        find.look(account, now=NOW)
    return {}


def change_kind(account: Any) -> dict[str, Any]:
    with scope(account.pk), patch.object(convert_many, "AT_ONCE", 0), patch.object(convert_many, "_PIECE", 2):
        field = add_field(label=f"Nota {secrets.token_hex(3)}", kind=Kind.TEXT, by=None, now=NOW)
        for typed in ("7,5", "dez", "8"):
            one = register(account, by=None, now=NOW, name="Maria Silva")
            reading = values.Reading(account, NOW)
            fill(one, field, values.clean(field, typed, reading), reading=reading, by=None, now=NOW)
        change = convert_many.begin(field, Kind.NUMBER, account=account, by=None, now=NOW)
    return {"change_id": str(change and change.pk)}


EXAMPLES = {
    "customers.fields.jobs.change_kind": change_kind,
    "customers.merge.jobs.find_duplicates": find_duplicates,
    "customers.bulk.jobs.change_many": change_many,
    "customers.person_jobs.answer": answer,
}
