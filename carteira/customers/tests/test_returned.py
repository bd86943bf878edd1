"""Somebody who was anonymised is here again: told in the history and on the card (decision 0006)."""

from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.customers.anonymise import anonymise
from carteira.customers.models import Customer
from carteira.customers.register import register
from conftest import NOW


def test_coming_back_is_told(cast, make_customer, importer):
    """By hand and by import: in the history and on the card; somebody else is not troubled."""
    maria = make_customer(
        cast.aurora, "Maria Silva", email="maria@example.com", document_kind="cpf", document="52998224725"
    )
    with scope(cast.aurora.pk):
        anonymise(maria, by=None, now=NOW)
        again = register(cast.aurora, name="Maria S.", email="MARIA@example.com".lower(), by=None, now=NOW)
        register(cast.aurora, name="Bia", email="bia@example.com", by=None, now=NOW)
        assert list(Event.objects.filter(kind="customer.returned").values_list("customer_id", "what")) == [
            (again.pk, {"protocol": "2026-000001"})
        ]
    importer(cast.aurora, "customers", "name;document\nM. Silva;529.982.247-25\nJosé;111.444.777-35\n")
    with scope(cast.aurora.pk):
        imported = Customer.objects.get(name="M. Silva")
        events = Event.objects.filter(kind="customer.returned", customer_id=imported.pk)
        assert events.count() == 1
        assert Event.objects.filter(kind="customer.returned").count() == 2
    card = cast.client(cast.ana).get(f"/aurora/customers/{imported.pk}/").content.decode()
    assert "was anonymised here before (protocol 2026-000001)" in card
