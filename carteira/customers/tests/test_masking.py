"""Documents with holes for whoever may not change them, wherever they stand on the card (P7)."""

from datetime import timedelta

from carteira.core.walls import scope
from carteira.customers.edit import edit
from conftest import NOW

FIRST, SECOND = "52998224725", "11144477735"


def test_the_history_hides_what_the_card_hides(cast, make_customer):
    """Former and present documents of an edit."""
    with scope(cast.aurora.pk):
        customer = make_customer(cast.aurora, "Maria", document=FIRST, document_kind="cpf")
        edit(customer, by=cast.ana, now=NOW + timedelta(hours=1), document=SECOND, document_kind="cpf")
    path = f"/aurora/customers/{customer.pk}/"
    for headers in ({}, {"hx-request": "true"}):
        seen = cast.client(cast.caio).get(path, headers=headers).content.decode()
        assert FIRST not in seen
        assert SECOND not in seen
        told = cast.client(cast.ana).get(path, headers=headers).content.decode()
        assert FIRST in told
        assert SECOND in told
