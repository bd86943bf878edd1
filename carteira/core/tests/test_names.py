"""Names: cleaning, sorting, searching, initials."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from carteira.core.people import clean_name, clean_text, initials, name_sort, search_needles, search_text
from carteira.core.people.names import _LATIN, _slow_fold

names = st.text(max_size=200)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Jos\u00e9 \u00a0da\tSilva \n", "Jos\u00e9 da Silva"),
        ("Jose\u0301", "Jos\u00e9"),
        ("Ana\r\nMaria", "Ana Maria"),
        ("O'Neill & Filhos <ltda>", "O'Neill & Filhos <ltda>"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\U0001f389 Festa", "\U0001f389 Festa"),
        ("\U0001f469\u200d\U0001f467 Fam\u00edlia", "\U0001f469\u200d\U0001f467 Fam\u00edlia"),
        ("\u0645\u062d\u0645\u062f", "\u0645\u062d\u0645\u062f"),
        ("\u05d3\u05d5\u05d3\u200f", "\u05d3\u05d5\u05d3\u200f"),
        ("\u674e\u96f7", "\u674e\u96f7"),
        ("\u202egpj.exe\u202c", "gpj.exe"),
        ("\u2066Ana\u2069", "Ana"),
        ("\ufeffAna\u200bBela", "AnaBela"),
        ("x" * 200, "x" * 200),
        (f"{'x' * 200}{' ' * 500}", "x" * 200),
        (1042, "1042"),
    ],
)
def test_names_welcome(typed: object, kept: str) -> None:
    """Right-to-left and emoji names are names; marks that only change how text is shown are stripped."""
    assert clean_name(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("a\x00b", "text_invalid"),
        ("a\x1bb", "text_invalid"),
        ("a\x7fb", "text_invalid"),
        ("a\x9bb", "text_invalid"),
        ("a\ud800b", "text_invalid"),
        ("a\uffffb", "text_invalid"),
        ("a\U0010fffeb", "text_invalid"),
        ("a\ufdd0b", "text_invalid"),
        (b"bytes", "text_invalid"),
        (True, "text_invalid"),
        ("x" * 201, "text_too_long"),
        pytest.param("\u00e9" * 100_000, "text_too_long", id="long"),
        pytest.param(10**4000, "text_too_long", id="giant"),
        ("", "name_blank"),
        (None, "name_blank"),
        (" \u00a0\u2003\n", "name_blank"),
        ("\u200b\u202e", "name_blank"),
        ("\u200d", "name_blank"),
    ],
)
def test_names_refused(typed: object, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        clean_name(typed)
    assert caught.value.code == code
    assert caught.value.messages[0]


@given(st.text(max_size=300))
def test_a_clean_name_stays_clean(text: str) -> None:
    try:
        name = clean_name(text)
    except ValidationError:
        return
    assert clean_name(name) == name
    assert 0 < len(name) <= 200
    assert unicodedata.is_normalized("NFC", name)
    assert "\x00" not in name
    name.encode()


def test_clean_text_has_its_own_limit() -> None:
    assert clean_text("  a  b ", limit=3) == "a b"
    assert clean_text(None, limit=3) == ""
    with pytest.raises(ValidationError):
        clean_text("abcd", limit=3)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("\u00c1lvaro de S\u00e1", "alvaro de sa"),
        ("Jos\u00e9  DA Silva", "jose da silva"),
        ("Concei\u00e7\u00e3o", "conceicao"),
        ("Mu\u00f1oz", "munoz"),
        ("\u00d8rsted", "orsted"),
        ("\u0141\u00f3d\u017a", "lodz"),
        ("Stra\u00dfe", "strasse"),
        ("\u0130zmir", "izmir"),
        ("\uff21\uff4e\uff41", "ana"),
        ("\u0391\u03b8\u03ae\u03bd\u03b1", "\u03b1\u03b8\u03b7\u03bd\u03b1"),
    ],
)
def test_name_sort(name: str, key: str) -> None:
    assert name_sort(name) == key


def test_sorting_is_as_in_a_phone_book() -> None:
    people = ["Zuleica", "\u00c9rica", "Eduardo", "\u00e1lvaro", "Ana", "ursula", "\u00darsula Alves"]
    assert sorted(people, key=name_sort) == [
        "\u00e1lvaro", "Ana", "Eduardo", "\u00c9rica", "ursula", "\u00darsula Alves", "Zuleica",
    ]  # fmt: skip


@given(names)
def test_name_sort_is_its_own_key(name: str) -> None:
    """Idempotent, and small enough for an index entry (2,700 bytes), whatever unfolds."""
    key = name_sort(name)
    assert name_sort(key) == key
    assert len(key.encode("utf-8", "surrogatepass")) <= 800
    assert name_sort("\ufdfa" * 200) == name_sort(name_sort("\ufdfa" * 200))


@given(st.text(alphabet=st.characters(max_codepoint=0x24F), max_size=50))
def test_the_quick_way_folds_as_the_long_way_does(text: str) -> None:
    quick = text.translate(_LATIN)
    if quick.isascii():
        assert quick == _slow_fold(text)


# -- searching


def found(query: str, *parts: str) -> bool:
    text = search_text(*parts)
    return any(needle in text for needle in search_needles(query))


CUSTOMER = ("Jos\u00e9 da Concei\u00e7\u00e3o", "jose@example.com", "52998224725", "+5511987654321", "A-1042")


@pytest.mark.parametrize(
    "query",
    [
        "jos\u00e9",
        "JOSE",
        "concei",
        "da conc",
        "@example",
        "529.982.247-25",
        "529982",
        "982.247",
        "(11) 98765-4321",
        "98765-4321",
        "11 98765 4321",
        "+55 11 98765",
        "A-1042",
        "a1042",
        "1042",
    ],
)
def test_any_fragment_finds(query: str) -> None:
    """S2-19, architecture 7: name, e-mail, document, phone, code; any fragment, accents aside."""
    assert found(query, *CUSTOMER)


@pytest.mark.parametrize("query", ["maria", "52999", "jose conceicao x", "(21) 98765-4321"])
def test_other_fragments_do_not(query: str) -> None:
    assert not found(query, *CUSTOMER)


def test_a_formatted_document_is_found_bare_and_a_bare_one_formatted() -> None:
    assert found("12.ABC.345/01DE-35", "12ABC34501DE35")
    assert found("12abc34501de35", "12.ABC.345/01DE-35")


def test_search_text_is_one_line_for_each_part() -> None:
    lines = search_text("Ana  Sa\u00ed", "", "Ana Sai", "529.982.247-25").split("\n")
    assert lines == ["ana sai", "529.982.247-25", "52998224725"]
    assert search_text() == ""
    assert search_needles("  ") == ()


@given(st.text(min_size=1, max_size=60))
def test_a_name_is_found_by_itself(name: str) -> None:
    if search_needles(name):
        assert found(name, name)


# -- initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Maria da Silva", "MS"),
        ("Maria de F\u00e1tima dos Santos", "MS"),
        ("Ana", "A"),
        ("\u00e9lida souza", "\u00c9S"),
        ("e\u0301lida", "\u00c9"),
        ("\U0001f389 Festa", "F"),
        ("(Jo\u00e3o) P\u00e9", "JP"),
        ("3M do Brasil", "3B"),
        ("\u0645\u062d\u0645\u062f", "\u0645"),
        ("da", "D"),
        ("\U0001f389", "?"),
        ("", "?"),
        ("\u00df", "S"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


@given(st.text(max_size=60))
def test_initials_are_one_or_two_characters(name: str) -> None:
    assert 1 <= len(initials(name)) <= 2
