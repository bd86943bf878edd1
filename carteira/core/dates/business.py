"""Business days: on which days a country's banks work, and where due dates roll to."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

# Weekdays on which Brazilian banks stay closed though they are no national holidays (ANBIMA; feature map
# 6.6).
_BRAZILIAN_BANKS = frozenset({"Carnaval", "Corpus Christi"})


@lru_cache(maxsize=2048)
def bank_holidays(country: str, year: int) -> frozenset[date]:
    """Days of a year on which a country's banks close, weekends aside; none for an unknown country.

    The `holidays` library: public holidays, and bank holidays where it knows them; for Brazil the national
    ones (20 November since 2024) with Carnival Monday and Tuesday and Corpus Christi. States and towns have
    their own: those are the account's.
    """
    from holidays import country_holidays, list_supported_countries  # slow to import, rarely needed

    supported = list_supported_countries(include_aliases=False)
    if country not in supported:
        return frozenset()
    days = set(country_holidays(country, years=year))
    if country == "BR":
        optional = country_holidays(country, years=year, categories="optional", language="pt_BR")
        days |= {day for day, name in optional.items() if name in _BRAZILIAN_BANKS}
    elif "bank" in _categories(country):
        days |= set(country_holidays(country, years=year, categories="bank"))
    return frozenset(day for day in days if day.year == year)


@lru_cache(maxsize=64)
def _categories(country: str) -> frozenset[str]:
    from holidays import country_holidays

    return frozenset(country_holidays(country).supported_categories)


@dataclass(frozen=True, slots=True)
class Calendar:
    """On which days banks work: those of `country` (ISO 3166), without the account's `own` holidays."""

    country: str
    own: frozenset[date] = field(default=frozenset())

    def is_business_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.own and day not in bank_holidays(self.country, day.year)

    def next_business_day(self, day: date) -> date:
        """The day itself when banks work on it, else the first day after it on which they do."""
        while not self.is_business_day(day):
            day += _ONE_DAY
        return day


_ONE_DAY = timedelta(days=1)


def effective_due(due_on: date, calendar: Calendar) -> date:
    """The last day on which an invoice is paid in time: its due date, rolled to a business day.

    S0-05 (overdue) and product decision 6; Lei 7.089/1983 (no late interest on the first business day after a
    weekend or holiday). The invoice is overdue from the day after.
    """
    return calendar.next_business_day(due_on)
