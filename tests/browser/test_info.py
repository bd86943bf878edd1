"""The tab Info in a real browser: by keyboard and on a phone, saved by itself, refused, and asked first."""

import pytest


def card_of(page, query):
    page.goto(f"/aurora/customers/?q={query}")
    return page.locator("table a.row-link").first.get_attribute("href")


def saved(page, text):
    """Waits until the field with this value says that it is saved."""
    page.locator(f"form:has(input[name=was][value='{text}']) .saved").wait_for()


@pytest.mark.parametrize("width", [1280, 390])
def test_five_values_without_a_save_button(open_page, width):
    """S1-07: type and go on; each says that it is saved, and so does the page to whoever listens."""
    page = open_page(width=width)
    page.goto(card_of(page, "ltda") + "tab/info/")
    for label, text in (
        ("Origem", f"Feira {width}"),
        ("Código", f"F-{width}"),
        ("Bairro", f"Centro {width}"),
        ("Complemento", f"Bloco {width}"),
        ("Rua", f"Rua Áurea {width}"),
    ):
        field = page.get_by_label(label, exact=True).first
        field.fill(text)
        field.press("Tab")
        saved(page, text)
        assert page.locator("#inline-said").inner_text() == f"{label}: salvo."
        assert page.evaluate("document.activeElement.name") == "value", "the next field has the focus"
    field = page.get_by_label("Origem").first
    field.fill(f"Outra {width}")
    field.press("Enter")
    saved(page, f"Outra {width}")
    assert page.evaluate("document.activeElement.value") == f"Outra {width}", "Enter saves and stays"
    page.reload()
    assert page.get_by_label("Origem").first.input_value() == f"Outra {width}"
    assert page.get_by_label("Rua", exact=True).first.input_value() == f"Rua Áurea {width}"


def test_refused_and_taken_back(open_page):
    """What cannot be stays as it was typed, with a sentence; Escape takes back what is not sent."""
    page = open_page()
    page.goto(card_of(page, "ltda") + "tab/info/")
    code = page.get_by_label("CEP").first
    before = code.input_value()
    code.fill("123")
    code.press("Tab")
    page.locator(".field-error").wait_for()
    code = page.get_by_label("CEP").first
    assert code.input_value() == "123"
    assert code.get_attribute("aria-invalid") == "true"
    assert "oito dígitos" in page.locator("#inline-said").inner_text()
    code.press("Escape")
    assert code.input_value() == before


def test_two_people_at_one_value(open_page):
    """Decision 13: the second one is asked, and chooses."""
    first, second = open_page(), open_page(width=390, scheme="dark")
    address = card_of(first, "ltda") + "tab/info/"
    first.goto(address)
    second.goto(address)
    for page, text in ((first, "Sala 1"), (second, "Sala 2")):
        field = page.get_by_label("Complemento", exact=True).first
        field.fill(text)
        field.press("Tab")
        if page is first:
            saved(page, text)
    asked = second.locator(".inline-changed")
    asked.wait_for()
    assert "Sala 1" in asked.inner_text()
    assert "Sala 2" in asked.inner_text()
    asked.locator("a").click()
    asked.wait_for(state="detached")
    assert second.get_by_label("Complemento", exact=True).first.input_value() == "Sala 1"
