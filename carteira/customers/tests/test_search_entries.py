"""Rows S2-19, S0-07: what customers are found by is the copy of what they are."""

import pytest

from carteira.core.walls import scope
from carteira.customers import verify
from carteira.customers.edit import edit
from carteira.customers.models import Customer, SearchEntry
from carteira.customers.search_entries import COPIED
from conftest import NOW


@pytest.mark.parametrize("column", [pair[0] for pair in COPIED])
def test_verify_tells_an_entry_that_is_not_its_customer(cast, make_customer, column):
    make_customer(cast.aurora, "Ana", email="ana@example.com", document="52998224725", phone="+5511987654321")
    with scope(cast.aurora.pk):
        assert list(verify.search_entries()) == []
        SearchEntry.objects.update(**{column: "other"})
        assert len(list(verify.search_entries())) == 1


def test_an_entry_follows_its_customer(cast, make_customer):
    """S0-07: the old e-mail, document and phone find nobody any more."""
    ana = make_customer(cast.aurora, "Ana", email="ana@example.com", document="52998224725", phone="+5511987654321")
    with scope(cast.aurora.pk):
        edit(ana, by=None, now=NOW, email="new@example.com", document="", phone="+5511912345678")
        entry = SearchEntry.objects.get(customer=ana)
        assert (entry.email, entry.document, entry.phone) == ("new@example.com", "", "+5511912345678")
        assert list(verify.search_entries()) == []


def test_payments_write_no_index_that_only_finds_people(cast):
    """Architecture 8: on the customers' own table each index is written anew with every payment."""
    indexed = {name for index in Customer._meta.indexes for name in index.fields}
    assert indexed.isdisjoint({"document", "email", "phone", "search"})
