"""Sheets have 100,000 lines and strangers send 100,000 characters: both must be cheap (architecture 8).

Limits are some ten times what a plain laptop needs, and processor time is counted, not waiting: only a change
of growth fails here.
"""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from stdnum.br import cnpj

from carteira.core import dates, money, people
from carteira.core.countries import clean_country, clean_zone

LINES = 20_000
source = random.Random(2026)


def some(digits: int) -> str:
    return f"{source.randrange(10**digits):0{digits}}"


def cnpj_number() -> str:
    base = f"{source.randrange(1, 10**8):08}0001"
    return cnpj.format(base + cnpj.calc_check_digits(base))


def amount(cell: object) -> int:
    return money.parse_amount(cell, currency="BRL", language="pt-br")


def day(cell: object) -> date:
    return dates.parse_date(cell, language="pt-br", zone="America/Sao_Paulo")


CALENDAR = dates.Calendar("BR", frozenset({date(2026, 1, 25)}))
FIRST = date(1990, 1, 1)

BULK: dict[str, tuple[Callable[..., object], Callable[[int], object]]] = {
    "amount": (amount, lambda n: f"{n}.{some(2)}"),
    "amount, grouped": (amount, lambda n: f"R$ {n % 900 + 1}.{some(3)},{some(2)}"),
    "amount, cell": (amount, lambda n: Decimal(n) / 100),
    "date": (day, lambda n: (FIRST + timedelta(days=n)).strftime("%d/%m/%Y")),
    "day_of": (
        lambda moment: dates.day_of(moment, "America/Sao_Paulo"),
        lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n),
    ),
    "effective_due": (
        lambda due: dates.effective_due(due, CALENDAR),
        lambda n: FIRST + timedelta(days=n % 9000),
    ),
    "name": (people.clean_name, lambda n: f"Jos\u00e9 da Silva {n}"),
    "name_sort": (people.name_sort, lambda n: f"Jos\u00e9 da Silva {n}"),
    "search_text": (
        lambda n: people.search_text(f"Jos\u00e9 {n}", f"jose{n}@example.com", f"{n:011}", f"+55119{n:08}"),
        lambda n: n,
    ),
    "email": (people.clean_email, lambda n: f"Jose.{n}@Escola-Aurora.com.br"),
    "document": (lambda cell: people.clean_document(cell, "BR"), lambda n: cnpj_number()),
    "mobile": (lambda cell: people.clean_phone(cell, "BR"), lambda n: f"(11) 9{some(4)}-{some(4)}"),
    "old mobile": (lambda cell: people.clean_phone(cell, "BR"), lambda n: f"(11) 8{some(3)}-{some(4)}"),
    "phone with +": (lambda cell: people.clean_phone(cell, "BR"), lambda n: f"+55 21 9{some(4)} {some(4)}"),
    "Mexican phone": (lambda cell: people.clean_phone(cell, "MX"), lambda n: f"55 1{some(3)} {some(4)}"),
    "variants": (people.phone_variants, lambda n: f"+55119{n:08}"),
    "cep": (people.clean_cep, lambda n: f"{n % 90000 + 9000:05}-{some(3)}"),
}


@pytest.mark.parametrize("what", BULK)
def test_a_sheets_column_is_cheap(what: str) -> None:
    """At most 100 microseconds a cell for everything; nearly all need less than ten."""
    clean, cell = BULK[what]
    cells = [cell(n) for n in range(LINES)]
    clean(cells[0])  # what is loaded once
    started = time.thread_time()
    for one in cells:
        clean(one)
    assert time.thread_time() - started < LINES * 100e-6


LONG = 100_000
HOSTILE = [
    "1" * LONG,
    "1," * (LONG // 2),
    " " * LONG,
    " " * LONG + "x",
    "1" + " " * LONG + "1",
    "a" * LONG + "@",
    "a." * (LONG // 2) + "@example.com",
    "a@" + "a." * (LONG // 2) + "com",
    "a@" + "a-" * (LONG // 2),
    "(" * LONG,
    "+" * LONG,
    "+55" + "(11)" * (LONG // 4),
    "R$" * (LONG // 2),
    "-" * LONG,
    "1/" * (LONG // 2),
    "31/01/1997 " + "0:" * (LONG // 2),
    "\u0301\u0323" * (LONG // 2),  # stacked accents: normalisation is quadratic in them
    "a" + "\u0323\u0301" * (LONG // 2),
    "\ufdfa" * LONG,
    "\u0130" * LONG,
    "\u202e" * LONG,
    "\U0001f469\u200d" * (LONG // 2),
    "\ud800" * LONG,
    "\x00" * LONG,
]
OPEN: dict[str, Callable[[str], object]] = {
    "amount": amount,
    "date": day,
    "clean_name": people.clean_name,
    "clean_city": people.clean_city,
    "clean_state": lambda text: people.clean_state(text, "BR"),
    "name_sort": people.name_sort,
    "search_text": lambda text: people.search_text(text, text, text),
    "search_needles": people.search_needles,
    "initials": people.initials,
    "clean_email": people.clean_email,
    "clean_document BR": lambda text: people.clean_document(text, "BR"),
    "clean_document CO": lambda text: people.clean_document(text, "CO"),
    "clean_document UY": lambda text: people.clean_document(text, "UY"),
    "clean_phone BR": lambda text: people.clean_phone(text, "BR"),
    "clean_phone AR": lambda text: people.clean_phone(text, "AR"),
    "phone_variants": people.phone_variants,
    "format_phone": lambda text: people.format_phone(text, "BR"),
    "clean_cep": people.clean_cep,
    "clean_postal_code": lambda text: people.clean_postal_code(text, "AR"),
    "clean_zone": clean_zone,
    "clean_country": clean_country,
}


@pytest.mark.parametrize("what", OPEN)
def test_100_kb_of_malice_is_cheap(what: str) -> None:
    """Whatever is sent: less than 100 ms, and an answer or a refusal."""
    clean = OPEN[what]
    with suppress(ValidationError):
        clean("x")
    for text in HOSTILE:
        for cut in (LONG, 1000, 254, 200, 64, 40):
            started = time.thread_time()
            with suppress(ValidationError):
                clean(text[:cut])
            assert time.thread_time() - started < 0.1, f"{text[:20]!r}, {cut}"
