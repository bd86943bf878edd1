"""Likely twins appear while one types, and typing goes on undisturbed (issue 3)."""


def test_a_twin_appears_while_one_types_and_goes_when_it_is_none(open_page):
    page = open_page()
    page.goto("/aurora/customers/?state=active")
    name = page.locator("table a.row-link").first.inner_text()
    page.goto("/aurora/customers/new/")
    field = page.locator("input[name=name]")
    field.press_sequentially(name)
    page.locator("#twins a").first.wait_for()
    assert name in page.locator("#twins").inner_text()
    assert page.evaluate("document.activeElement.name") == "name", "the caret stays where it was"
    field.press_sequentially(" Zzz")
    page.locator("#twins a").first.wait_for(state="detached")
    assert field.input_value() == f"{name} Zzz"
