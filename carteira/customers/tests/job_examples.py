"""Examples of the room's jobs, for tests/test_every_job.py."""

from typing import Any

from carteira.core.privacy.models import PersonRequest
from carteira.core.privacy.requests import open_request
from carteira.core.walls import scope
from carteira.customers.register import register
from conftest import NOW


def answer(account: Any) -> dict[str, Any]:
    with scope(account.pk):
        person = register(account, name="Maria Silva", email="maria@example.com", by=None, now=NOW)
        asked = open_request(PersonRequest.Kind.ANONYMISE, person.pk, account=account, by=None, now=NOW)
    return {"request_id": str(asked.pk)}


EXAMPLES = {"customers.person_jobs.answer": answer}
