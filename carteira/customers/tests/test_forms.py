"""One record's validation: screens, API and sheets take the same values for the same reasons."""

import time
from datetime import date

import pytest

from carteira.core.walls import scope
from carteira.customers import forms
from carteira.customers.forms import CustomerForm, clean_fields
from conftest import NOW


def clean(account, **given):
    return clean_fields(given, account, now=NOW)


def test_every_column_is_brought_into_its_stored_form(cast):
    cleaned, errors = clean(
        cast.aurora,
        name="  Maria   José ",
        kind="company",
        document="529.982.247-25",
        email=" Maria@Example.COM ",
        phone="(11) 98765-4321",
        city="São  Paulo",
        state="sp",
        code=" A-1 ",
        registered_on="31/12/2025",
    )
    assert errors == {}
    assert cleaned == {
        "name": "Maria José",
        "kind": "company",
        "document_kind": "cpf",
        "document": "52998224725",
        "email": "maria@example.com",
        "phone": "+5511987654321",
        "city": "São Paulo",
        "state": "SP",
        "code": "A-1",
        "registered_on": date(2025, 12, 31),
    }


def test_only_columns_that_are_given_are_cleaned(cast):
    """An edit of one column leaves the others alone; blank takes a value away, and a registration day stays."""
    assert clean(cast.aurora, email="") == ({"email": ""}, {})
    assert clean(cast.aurora, document=" ") == ({"document_kind": "", "document": ""}, {})
    assert clean(cast.aurora, registered_on="", kind="") == ({"kind": "person"}, {})
    assert clean(cast.aurora) == ({}, {})
    assert clean(cast.aurora, unknown="x") == ({}, {})


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("name", "", "name_blank"),
        ("name", "\u200b", "name_blank"),
        ("name", "x" * 201, "text_too_long"),
        ("name", "x" * 100_000, "text_too_long"),
        ("name", "a\x00b", "text_invalid"),
        ("kind", "robot", "kind_unknown"),
        ("document", "529.982.247-24", "document_check"),
        ("document", "11111111111", "document_repeated"),
        ("document", "123", "document_invalid"),
        ("email", "maria@", "email_invalid"),
        ("email", "a@b.co\nBcc: x@y.z", "email_invalid"),
        ("phone", "98765-4321", "phone_no_area"),
        ("phone", "call me", "phone_invalid"),
        ("city", "x" * 101, "text_too_long"),
        ("state", "ZZ", "state_unknown"),
        ("code", "x" * 81, "text_too_long"),
        ("registered_on", "22/11/2026", "date_future"),
        ("registered_on", "31/02/2026", "date_impossible"),
        ("registered_on", "banana", "date_invalid"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(cast, column, value, code):
    cleaned, errors = clean(cast.aurora, **{"name": "Maria", column: value})
    assert list(errors) == [column]
    assert errors[column].code == code
    assert all(len(message) > 10 for message in errors[column].messages)
    assert column not in cleaned


def test_the_day_is_the_accounts(cast):
    """At 01:00 UTC it is still yesterday in São Paulo."""
    early = NOW.replace(hour=1)
    _cleaned, errors = clean_fields({"registered_on": "21/11/2026"}, cast.aurora, now=early)
    assert errors["registered_on"].code == "date_future"
    assert clean_fields({"registered_on": "20/11/2026"}, cast.aurora, now=early)[1] == {}


def test_columns_are_cleaned_fast_enough_for_sheets(cast):
    """10,000 rows a second are the import's budget; cleaning is a part of it. A tenth of that is a broken promise."""
    row = {"name": "Maria José", "document": "529.982.247-25", "email": "m@example.com", "phone": "(11) 98765-4321"}
    prepared = forms.cleaners(cast.aurora, now=NOW)
    start = time.process_time()
    for _ in range(2000):
        for column, value in row.items():
            prepared[column](value)
    assert 2000 / (time.process_time() - start) > 2000


def test_a_refused_form_keeps_what_was_written(cast):
    with scope(cast.aurora.pk):
        form = CustomerForm({"name": "", "email": "maria@", "city": "Natal"}, account=cast.aurora, now=NOW)
        assert not form.is_valid()
        assert form["email"].value() == "maria@"
        assert form["city"].value() == "Natal"
        assert set(form.errors) == {"name", "email"}
        assert len(form.errors["name"]) == 1


def test_a_cnpj_makes_a_company(cast):
    with scope(cast.aurora.pk):
        form = CustomerForm(
            {"name": "Azul", "kind": "person", "document": "11.222.333/0001-81"}, account=cast.aurora, now=NOW
        )
        assert form.is_valid(), form.errors
        assert form.cleaned_data["kind"] == "company"


def test_elsewhere_states_are_free_text(cast):
    cast.aurora.country = "MX"
    cleaned, errors = clean(cast.aurora, state="Jalisco")
    assert (cleaned, errors) == ({"state": "Jalisco"}, {})
    assert clean(cast.aurora, state="x" * 51)[1]["state"].code == "text_too_long"
