"""Where a business may be, and what follows from it: currency, language, time zones, the way numbers are
written.

One currency per account; the country decides documents, phones, addresses and holidays (product.md, decision
17). Countries: Latin America, and Portugal, Spain and the United States, where its businesses have branches.
Names of countries, currencies and cities come from CLDR (Babel), zones from the tz database (PyPI's tzdata),
so the same choices appear on every machine.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from babel import Locale, UnknownLocaleError
from babel.dates import get_timezone_location
from babel.numbers import get_currency_name, get_currency_symbol
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from carteira.core.people.names import name_sort


@dataclass(frozen=True, slots=True)
class Country:
    """`code` is ISO 3166 (two letters), `currency` ISO 4217, `language` a Django code, `zone` the IANA zone
    of most people.
    """

    code: str
    currency: str
    language: str
    zone: str


COUNTRIES: dict[str, Country] = {
    code: Country(code, currency, language, zone)
    for code, currency, language, zone in (
        ("AR", "ARS", "es", "America/Argentina/Buenos_Aires"),
        ("BO", "BOB", "es", "America/La_Paz"),
        ("BR", "BRL", "pt-br", "America/Sao_Paulo"),
        ("CL", "CLP", "es", "America/Santiago"),
        ("CO", "COP", "es", "America/Bogota"),
        ("CR", "CRC", "es", "America/Costa_Rica"),
        ("CU", "CUP", "es", "America/Havana"),
        ("DO", "DOP", "es", "America/Santo_Domingo"),
        ("EC", "USD", "es", "America/Guayaquil"),
        ("ES", "EUR", "es", "Europe/Madrid"),
        ("GT", "GTQ", "es", "America/Guatemala"),
        ("HN", "HNL", "es", "America/Tegucigalpa"),
        ("HT", "HTG", "en", "America/Port-au-Prince"),
        ("MX", "MXN", "es", "America/Mexico_City"),
        ("NI", "NIO", "es", "America/Managua"),
        ("PA", "PAB", "es", "America/Panama"),
        ("PE", "PEN", "es", "America/Lima"),
        ("PR", "USD", "es", "America/Puerto_Rico"),
        ("PT", "EUR", "pt-br", "Europe/Lisbon"),
        ("PY", "PYG", "es", "America/Asuncion"),
        ("SV", "USD", "es", "America/El_Salvador"),
        ("US", "USD", "en", "America/New_York"),
        ("UY", "UYU", "es", "America/Montevideo"),
        ("VE", "VES", "es", "America/Caracas"),
    )
}
CURRENCIES: tuple[str, ...] = tuple(sorted({country.currency for country in COUNTRIES.values()}))
LANGUAGES: tuple[str, ...] = ("pt-br", "es", "en")

# A language spoken in a country that CLDR does not know together is written as in this one.
_HOME = {"pt": "pt_BR", "es": "es_419", "en": "en_US"}


@lru_cache(maxsize=256)
def locale_of(language: str, country: str | None = None) -> Locale:
    """Babel's locale for a reader of `language` (Django's code) in an account of `country`: es_CL for es, CL.

    A regional language keeps its own region: pt-br in MX is pt_BR. Raises UnknownLocaleError for no language
    at all.
    """
    speech, _sep, region = language.replace("_", "-").partition("-")
    for candidate in (region.upper(), "" if region else (country or "").upper()):
        if candidate:
            try:
                return Locale.parse(f"{speech}_{candidate}")
            except UnknownLocaleError:
                continue
    return Locale.parse(_HOME.get(speech, speech))


@lru_cache(maxsize=1)
def _zone_table() -> dict[str, tuple[str, ...]]:
    """Zones by country, from the tz database's own table: lines of `code  coordinates  zone  comment`."""
    zones: dict[str, list[str]] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            code, _where, zone = line.split("\t")[:3]
            zones.setdefault(code, []).append(zone)
    return {code: tuple(sorted(names)) for code, names in zones.items()}


@lru_cache(maxsize=64)
def zones(country: str) -> tuple[str, ...]:
    """IANA zones of a country, its default first; empty for a country Carteira does not serve."""
    if country not in COUNTRIES:
        return ()
    default = COUNTRIES[country].zone
    return (default, *(zone for zone in _zone_table().get(country, ()) if zone != default))


@lru_cache(maxsize=1)
def _known_zones() -> frozenset[str]:
    return frozenset(zone for country in COUNTRIES for zone in zones(country))


def clean_country(code: object) -> str:
    """An offered country's code, upper-cased; ValidationError `country_unknown` otherwise."""
    found = code.strip().upper() if isinstance(code, str) and len(code) < 10 else ""
    if found not in COUNTRIES:
        raise ValidationError(_("Carteira does not work in this country yet."), code="country_unknown")
    return found


# In CLDR's list, but no country anybody lives in.
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


@lru_cache(maxsize=16)
def territory_choices(language: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of every country of the world, for addresses; named and sorted in the reader's language."""
    names = locale_of(language).territories
    codes = (code for code in names if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES)
    return tuple(sorted(((code, names[code]) for code in codes), key=lambda choice: name_sort(choice[1])))


def clean_territory(code: object) -> str:
    """The code of any country of the world (ISO 3166), upper-cased; ValidationError `country_unknown` otherwise."""
    found = code.strip().upper() if isinstance(code, str) and len(code) < 10 else ""
    if found not in dict(territory_choices("en")):
        raise ValidationError(_("There is no such country."), code="country_unknown")
    return found


def clean_currency(code: object) -> str:
    """An offered currency's ISO 4217 code; ValidationError `currency_unknown` otherwise."""
    found = code.strip().upper() if isinstance(code, str) and len(code) < 10 else ""
    if found not in CURRENCIES:
        raise ValidationError(_("Carteira does not work in this currency yet."), code="currency_unknown")
    return found


def clean_language(code: object) -> str:
    """pt-br, es or en, whatever its case or separator; ValidationError `language_unknown` otherwise."""
    found = code.strip().lower().replace("_", "-") if isinstance(code, str) and len(code) < 10 else ""
    if found not in LANGUAGES:
        raise ValidationError(_("Choose Portuguese (pt-br), Spanish (es) or English (en)."), code="language_unknown")
    return found


def clean_zone(name: object) -> str:
    """A zone of an offered country, exactly as IANA writes it; ValidationError `zone_unknown` otherwise."""
    if not isinstance(name, str) or name not in _known_zones():
        raise ValidationError(
            _("There is no such time zone. Example: America/Sao_Paulo."),
            code="zone_unknown",
        )
    return name


@lru_cache(maxsize=16)
def country_choices(language: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of every country, named and sorted in the reader's language."""
    names = locale_of(language).territories
    return tuple(sorted(((code, names[code]) for code in COUNTRIES), key=lambda choice: name_sort(choice[1])))


@lru_cache(maxsize=16)
def currency_choices(language: str) -> tuple[tuple[str, str], ...]:
    """(code, "Brazilian Real (R$)") of every currency, named and sorted in the reader's language."""
    locale = locale_of(language)
    labels = (
        (code, f"{get_currency_name(code, locale=locale)} ({get_currency_symbol(code, locale=locale)})")
        for code in CURRENCIES
    )
    return tuple(sorted(labels, key=lambda choice: name_sort(choice[1])))


@lru_cache(maxsize=256)
def zone_choices(country: str, language: str) -> tuple[tuple[str, str], ...]:
    """(zone, city) of a country, its default first, then by city as the reader's language calls it."""
    locale = locale_of(language)
    named = [(zone, get_timezone_location(zone, locale=locale, return_city=True)) for zone in zones(country)]
    return tuple(named[:1] + sorted(named[1:], key=lambda choice: name_sort(choice[1])))
