"""A business's own fields, as a hostile colleague or neighbour would use them."""

import re
from typing import Any
from uuid import UUID

import pytest

from carteira.accounts.roles import Right
from carteira.core.walls import scope
from carteira.customers import columns
from carteira.customers.fields import values
from carteira.customers.fields.define import add_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import CHOSEN, Field, Kind
from carteira.customers.screens.asked import understand
from conftest import NOW, Cast

DOCUMENTS = ("52998224725", "11144477735", "39053344705")
LIST = "/aurora/customers/"


def made(account: Any, label: str = "Turma", kind: str = "text", **more: Any) -> Field:
    with scope(account.pk):
        return add_field(label=label, kind=kind, by=None, now=NOW, **more)


def filled(account: Any, field: Field, customer: Any, typed: str) -> None:
    with scope(account.pk):
        reading = values.Reading(account, NOW)
        fill(customer, field, values.clean(field, typed, reading), reading=reading, by=None, now=NOW)


@pytest.mark.parametrize("sign", ["", "-"])
def test_an_order_tells_no_document(cast: Cast, make_customer: Any, sign: str) -> None:
    """P7: who is behind a number in the order says what the holes of the card hide, digit after digit; and the address
    of the next page would hold a whole one."""
    field = made(cast.aurora, "Responsável", Kind.DOCUMENT)
    for nth, document in enumerate(DOCUMENTS):
        filled(cast.aurora, field, make_customer(cast.aurora, f"Cliente {nth}"), document)
    for user in (cast.ana, cast.caio):
        client = cast.client(user)
        plain = client.get(LIST).text
        for where in ("", f"&after=2~{UUID(int=0).hex}", f"&before=2~{UUID(int=0).hex}"):
            shown = client.get(f"{LIST}?sort={sign}own_text_{field.pk.hex}{where}").text
            assert people_of(shown) == people_of(plain)


def people_of(text: str) -> list[str]:
    return re.findall(r"Cliente \d(?=<)", text)


def test_no_order_is_for_some_only(cast: Cast) -> None:
    """The address of a list says its order, and nobody asks there for a right."""
    with scope(cast.aurora.pk):
        for kind in Kind.values:
            options = ("A", "B") if kind in CHOSEN else ()
            add_field(label=f"Campo {kind}", kind=kind, options=options, by=None, now=NOW)
        offered = columns.known(["own_"])
        assert {name for name, one in offered.items() if one.sort and one.right != Right.SEE_CUSTOMERS} == set()
        assert sum(one.sort.startswith("own_") for one in offered.values()) == 9


def test_an_order_by_what_is_no_field_is_none(cast: Cast, make_customer: Any) -> None:
    """Next door's field, one that was removed, a column that the field does not have, numbers beyond the column's."""
    make_customer(cast.aurora, "Cliente 1")
    own, foreign = made(cast.aurora, "Nota", Kind.NUMBER), made(cast.boreal, "Nota", Kind.NUMBER)
    client = cast.client(cast.ana)
    own_sort, ids = f"own_number_{own.pk.hex}", (foreign.pk.hex, "0" * 32)
    for sort in (*(f"own_number_{id}" for id in ids), f"own_text_{own.pk.hex}", f"own_on_{own.pk.hex}", own_sort):
        assert client.get(f"{LIST}?sort=-{sort}").status_code == 200
        with scope(cast.aurora.pk):
            assert understand({"sort": f"-{sort}"}, cast.aurora, NOW).sort == (
                f"-{sort}" if sort == own_sort else "name"
            )
    for place in (10**30, -(10**30), "x", "", "9" * 5000, "1e9"):
        for way in ("after", "before"):
            answer = client.get(f"{LIST}?sort={own_sort}&{way}={place}~{UUID(int=0).hex}")
            assert answer.status_code == 200
