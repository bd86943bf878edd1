"""E-mail addresses."""

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from hypothesis import given
from hypothesis import strategies as st

from carteira.core.people import clean_email
from carteira.core.people.emails import _COMMON


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ana@Example.COM", "ana@example.com"),
        ("  ana@example.com\u00a0", "ana@example.com"),
        ("ana.souza+aluno@escola-aurora.com.br", "ana.souza+aluno@escola-aurora.com.br"),
        ("o'neill@example.com", "o'neill@example.com"),
        ("ana@m\u00fcnchen.de", "ana@m\u00fcnchen.de"),
        ("\u202aana@example.com\u202c", "ana@example.com"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
    ],
)
def test_accepted(typed: str, kept: str) -> None:
    assert clean_email(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ana", "email_invalid"),
        ("ana@", "email_invalid"),
        ("ana@example", "email_invalid"),
        ("@example.com", "email_invalid"),
        ("ana@@example.com", "email_invalid"),
        ("a..b@example.com", "email_invalid"),
        ("ana@-example.com", "email_invalid"),
        ("Ana <ana@example.com>", "email_invalid"),
        ("ana@example.com, bia@example.com", "email_invalid"),
        ("ana@example.com\n", "email_invalid"),
        ("ana@example.com\r\nBcc: eva@example.com", "email_invalid"),
        ('"a\x01b"@example.com', "email_invalid"),
        ("ana@example.com\x00", "email_invalid"),
        ("ana\ud800@example.com", "email_invalid"),
        (42, "email_invalid"),
        ("", "email_blank"),
        ("   ", "email_blank"),
        (None, "email_blank"),
        (f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 60}.com", "email_too_long"),
        pytest.param("a" * 100_000, "email_too_long", id="long"),
    ],
)
def test_refused(typed: object, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        clean_email(typed)
    assert caught.value.code == code
    assert caught.value.messages[0]


def test_at_most_254_characters() -> None:
    tail = f"@{'b' * 63}.{'c' * 63}.com"
    assert clean_email(f"{'a' * 60}{tail}")
    longest = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.com"
    assert len(longest) == 254
    assert clean_email(longest) == longest


@given(st.from_regex(_COMMON, fullmatch=True).filter(lambda text: len(text) <= 254))
def test_the_quick_pattern_takes_nothing_that_django_refuses(address: str) -> None:
    validate_email(address)


@given(st.emails())
def test_a_clean_address_stays_clean(address: str) -> None:
    try:
        kept = clean_email(address)
    except ValidationError:
        return
    assert clean_email(kept) == kept == kept.lower()
