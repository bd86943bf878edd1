"""Countries, currencies, languages and zones of the account form (product decision 17)."""

import re
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import get_territory_currencies
from django.core.exceptions import ValidationError

from carteira.core.countries import (
    COUNTRIES,
    CURRENCIES,
    LANGUAGES,
    clean_country,
    clean_currency,
    clean_language,
    clean_zone,
    country_choices,
    currency_choices,
    locale_of,
    zone_choices,
    zones,
)


@pytest.mark.parametrize("code", COUNTRIES)
def test_every_country_is_complete(code: str) -> None:
    country = COUNTRIES[code]
    assert country.code == code
    assert country.currency in get_territory_currencies(code)
    assert country.language in LANGUAGES
    assert zones(code)[0] == country.zone
    for zone in zones(code):
        assert ZoneInfo(zone).key == zone == clean_zone(zone)


def test_latin_america_is_here() -> None:
    assert " ".join(sorted(COUNTRIES)) == ("AR BO BR CL CO CR CU DO EC ES GT HN HT MX NI PA PE PR PT PY SV US UY VE")
    assert {"BRL", "CLP", "PYG", "MXN", "USD", "EUR"} <= set(CURRENCIES)


def test_brazil_has_all_its_zones() -> None:
    assert len(zones("BR")) == 16
    assert {"America/Noronha", "America/Manaus", "America/Rio_Branco"} <= set(zones("BR"))
    assert zones("XX") == ()


@pytest.mark.parametrize(
    ("language", "country", "locale"),
    [
        ("pt-br", "BR", "pt_BR"),
        ("pt-br", "MX", "pt_BR"),
        ("es", "CL", "es_CL"),
        ("es", "MX", "es_MX"),
        ("es", None, "es_419"),
        ("es", "XX", "es_419"),
        ("en", "BR", "en_US"),
        ("en", None, "en_US"),
        ("pt_BR", None, "pt_BR"),
        ("es_AR", None, "es_AR"),
    ],
)
def test_locale_of(language: str, country: str | None, locale: str) -> None:
    assert str(locale_of(language, country)) == locale


def test_choices_speak_the_readers_language() -> None:
    assert dict(country_choices("pt-br"))["ES"] == "Espanha"
    assert dict(country_choices("es"))["US"] == "Estados Unidos"
    assert dict(country_choices("en"))["BR"] == "Brazil"
    assert dict(currency_choices("pt-br"))["BRL"] == "Real brasileiro (R$)"
    assert dict(zone_choices("BR", "pt-br"))["America/Sao_Paulo"] == "São Paulo"
    assert zone_choices("BR", "pt-br")[0][0] == "America/Sao_Paulo"
    names = [name for _code, name in country_choices("pt-br")]
    assert names.index("Argentina") < names.index("Bolívia") < names.index("Brasil") < names.index("Uruguai")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_has_a_name(language: str) -> None:
    assert {code for code, _name in country_choices(language)} == set(COUNTRIES)
    assert {code for code, _name in currency_choices(language)} == set(CURRENCIES)
    for country in COUNTRIES:
        assert zone_choices(country, language)[0][0] == COUNTRIES[country].zone
        assert {zone for zone, _city in zone_choices(country, language)} == set(zones(country))
        assert all(re.search(r"\w", city) for _zone, city in zone_choices(country, language))


def test_cleaning() -> None:
    assert clean_country(" br ") == "BR"
    assert clean_currency("brl") == "BRL"
    assert clean_language("pt_BR") == "pt-br"
    assert clean_zone("America/Manaus") == "America/Manaus"


@pytest.mark.parametrize("clean", [clean_country, clean_currency, clean_language, clean_zone])
@pytest.mark.parametrize(
    "wrong",
    [None, 1, "", "XX", "Brasil", "../../etc/passwd", pytest.param("A" * 100_000, id="long"), "\x00", "UTC"],
)
def test_refused(clean: object, wrong: object) -> None:
    with pytest.raises(ValidationError) as caught:
        clean(wrong)  # type: ignore[operator]
    assert caught.value.messages[0]
