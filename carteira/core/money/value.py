"""An amount of money: whole minor units (cents) of one currency. No binary fraction: integers and Decimal
only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, format_decimal, get_currency_precision

from carteira.core.countries import locale_of

MAX_MINOR = 2**63 - 1  # bigint


@lru_cache(maxsize=64)
def minor_digits(currency: str) -> int:
    """Decimal places of a currency by CLDR: BRL 2, CLP 0, PYG 0."""
    return get_currency_precision(currency)


class DifferentCurrencies(ValueError):
    """Two amounts of different currencies were added, subtracted or compared: always a programming error."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` whole minor units of `currency` (ISO 4217).

    Equal only with the same currency; ordering, + and - with another currency raise DifferentCurrencies.
    Raises TypeError for anything but an int, OverflowError beyond bigint.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"Money takes whole minor units, not {type(self.minor).__name__}")
        if not -MAX_MINOR <= self.minor <= MAX_MINOR:
            raise OverflowError("This amount does not fit into the database's bigint")

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise DifferentCurrencies(f"{self.currency} and {other.currency} do not mix")
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        if type(times) is not int:
            return NotImplemented
        return Money(self.minor * times, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: "Money") -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.minor >= self._same(other)

    def split(self, parts: int) -> tuple["Money", ...]:
        """`parts` amounts that add up to this one, larger ones first; they differ by one minor unit."""
        return self.split_by([1] * parts)

    def split_by(self, weights: Sequence[int | Decimal]) -> tuple["Money", ...]:
        """Amounts in proportion to `weights` that add up to this one, by largest remainder.

        Ties go to the earlier. A negative amount splits as its positive twin does. Raises ValueError when no
        weight is positive or one is negative, TypeError for weights that are not int or Decimal.
        """
        if any(type(weight) not in (int, Decimal) for weight in weights):
            raise TypeError("Weights are int or Decimal")
        shares = [Fraction(weight) for weight in weights]
        total = sum(shares, Fraction(0))
        if total <= 0 or min(shares) < 0:
            raise ValueError("Weights are zero or more, and at least one is more")
        exact = [abs(self.minor) * share / total for share in shares]
        units = [share.numerator // share.denominator for share in exact]
        missing = abs(self.minor) - sum(units)
        by_remainder = sorted(range(len(units)), key=lambda i: units[i] - exact[i])
        for i in by_remainder[:missing]:
            units[i] += 1
        sign = -1 if self.minor < 0 else 1
        return tuple(Money(sign * unit, self.currency) for unit in units)

    @property
    def amount(self) -> Decimal:
        """In whole units, exactly: 123456 minor units of BRL are Decimal("1234.56")."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    def format(self, locale: Locale | str) -> str:
        """As the reader writes it: R$ 1.234,56 (no-break space) for pt_BR. `locale`: Babel's or Django's."""
        return _formatted(self.minor, self.currency, str(locale), True)

    def format_plain(self, locale: Locale | str) -> str:
        """The same without the currency, as an input field shows it: 1.234,56."""
        return _formatted(self.minor, self.currency, str(locale), False)

    def __str__(self) -> str:
        """For logs, API and files: 1234.56 BRL, the same in every language."""
        return f"{self.amount:f} {self.currency}"


@lru_cache(maxsize=8192)
def _formatted(minor: int, currency: str, locale: str, named: bool) -> str:
    digits = minor_digits(currency)
    amount = Decimal(minor).scaleb(-digits)
    written = locale_of(locale)
    if named:
        return format_currency(amount, currency, locale=written)
    return format_decimal(amount, format="#,##0." + "0" * digits if digits else "#,##0", locale=written)
