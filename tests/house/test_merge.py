"""Every table that names a customer says how its rows move when two customers are merged (N8)."""

from carteira.customers.merge.movers import undeclared


def test_every_table_says_how_its_rows_move() -> None:
    assert list(undeclared()) == []
