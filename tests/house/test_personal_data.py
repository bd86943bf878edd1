"""LGPD, reliability P1: no column can be forgotten when a person asks for the data, or to be forgotten."""

from carteira.core.privacy.holdings import holdings, undeclared, walled_models


def test_every_column_that_may_hold_a_persons_data_is_declared():
    """A new text, JSON or file column fails here until its room says what it is (core/privacy/README.md)."""
    assert list(undeclared()) == []


def test_what_is_declared_exists():
    names = {model._meta.label for model in walled_models()}
    assert set(holdings.names()) <= names


def test_a_forgotten_column_is_told():
    """The test above would notice: one column taken out of a declaration, one table out of the registry."""
    payment = holdings.get("billing.Payment")
    holdings.remove("billing.Payment")
    try:
        assert [line.split()[0] for line in undeclared()] == ["billing.Payment.external_id", "billing.Payment.note"]
    finally:
        holdings.add("billing.Payment", payment, order=51)
