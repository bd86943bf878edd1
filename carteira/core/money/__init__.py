"""Money: a value type, and the reading of amounts. How amounts are read, split and rounded: docs/money.md."""

from carteira.core.money.amounts import MAX_WHOLE_DIGITS, parse_amount
from carteira.core.money.value import MAX_MINOR, DifferentCurrencies, Money, minor_digits

__all__ = ["MAX_MINOR", "MAX_WHOLE_DIGITS", "DifferentCurrencies", "Money", "minor_digits", "parse_amount"]
