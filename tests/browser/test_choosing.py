"""Choosing rows of the list in a real browser: by keys, by ranges, across pages, all of a filter; then an act on them."""

import re

import pytest
from playwright.sync_api import expect

LIST = "/aurora/customers/"


def chosen(page):
    return page.locator("[data-picked-text]").inner_text()


def ticked(page):
    return [at for at, box in enumerate(page.locator("[data-pick]").all()) if box.is_checked()]


def focused(page):
    """Which row has the focus, on its link."""
    return page.evaluate(
        "[...document.querySelectorAll('table.ledger tbody tr')].indexOf(document.activeElement.closest('tr'))"
    )


def total(page):
    """How many the filter shows, as the pager says it."""
    return int(re.search(r"(?:de|of) ([\d.]+)", page.locator(".pager-summary").inner_text())[1].replace(".", ""))


def act(page, verb):
    page.locator("[popovertarget=picked-acts]").click()
    page.locator(f"button[name=verb][value={verb}]").click()


@pytest.fixture
def listed(open_page):
    page = open_page()
    page.goto(LIST)
    return page


def test_rows_by_keys_alone(listed):
    """S3-17: j and k go from row to row, x and space choose, Shift takes the next row along, Enter opens."""
    page = listed
    page.keyboard.press("j")
    assert focused(page) == 0
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert (focused(page), ticked(page), chosen(page)) == (1, [1], "1 selecionado")
    page.keyboard.press("Shift+J")
    page.keyboard.press("Shift+ArrowDown")
    assert (focused(page), ticked(page), chosen(page)) == (3, [1, 2, 3], "3 selecionados")
    page.keyboard.press("k")
    page.keyboard.press("Space")
    assert (focused(page), ticked(page)) == (2, [1, 3])
    page.keyboard.press("k")
    page.keyboard.press("k")
    page.keyboard.press("k")
    assert focused(page) == 0, "the first row is the end"
    name = page.locator("table.ledger a.row-link").first.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/*-*/")
    assert page.locator("#card-name").inner_text() == name
    page.go_back()
    page.locator("form.picked[data-some]").wait_for()
    assert ticked(page) == [1, 3], "who was chosen stays chosen"


def test_keys_are_letters_where_one_types(listed):
    page = listed
    page.locator("#list-search").press_sequentially("xj")
    assert page.locator("#list-search").input_value() == "xj"
    assert chosen(page) == ""


def test_a_range_with_shift_and_back(listed):
    """From the box clicked last to this one, on or off as this one is."""
    page = listed
    boxes = page.locator("[data-pick]")
    boxes.nth(2).click()
    boxes.nth(6).click(modifiers=["Shift"])
    assert (ticked(page), chosen(page)) == ([2, 3, 4, 5, 6], "5 selecionados")
    boxes.nth(4).click(modifiers=["Shift"])
    assert ticked(page) == [2, 3]
    page.locator("[data-pick-page]").click()
    assert len(ticked(page)) == boxes.count() == 50
    boxes.nth(0).click()
    assert page.locator("[data-pick-page]").evaluate("box => box.indeterminate")
    page.locator("[data-pick-none]").click()
    assert (ticked(page), chosen(page)) == ([], "")
    assert not page.locator("form.picked").is_visible()


def test_across_pages_then_an_act_and_its_undo(listed):
    """S3-17: who is chosen on one page is still chosen on the next; the act names how many, and can be taken back."""
    page = listed
    before = total(page)
    page.locator("[data-pick]").nth(0).click()
    names = [page.locator("table.ledger a.row-link").first.inner_text()]
    page.locator("a[rel=next]").click()
    page.wait_for_url("**after=*")
    assert (ticked(page), chosen(page)) == ([], "1 selecionado")
    page.locator("[data-pick]").nth(1).click()
    names.append(page.locator("table.ledger a.row-link").nth(1).inner_text())
    page.locator("a[rel=prev]").click()
    page.wait_for_url(lambda url: "after=" not in url)
    page.locator("form.picked[data-some]").wait_for()
    assert (ticked(page), chosen(page)) == ([0], "2 selecionados")
    act(page, "edit")
    page.wait_for_url("**/bulk/")
    said = page.locator("main").inner_text()
    assert all(name in said for name in names)
    assert "2 clientes" in said
    page.locator("input[name=field][value=source]").check()
    page.locator("input[name=source]").fill("Feira do bairro")
    page.locator("button[name=sure]").click()
    page.wait_for_url(lambda url: url.split("?")[0].endswith(LIST))
    assert "2 clientes" in page.locator(".toast-line p").first.inner_text()
    assert (ticked(page), page.locator("form.picked").is_visible()) == ([], False), "the next choice begins anew"
    assert total(page) == before
    page.locator(".toast-line form button").first.click()
    page.wait_for_url("**/bulk/*-*/")
    assert page.locator("dl.facts dd.tnum").all_inner_texts() == ["2", "0", "2", "0"], "done, refused, put back, left"


def test_all_of_a_filter_but_one_then_an_act_as_a_job_and_its_undo(listed):
    """S3-17: "all N of the filter" means those of the other pages too; whoever is taken out again stays as they are."""
    page = listed
    everybody = total(page)
    page.locator("[data-pick-page]").click()
    page.locator("[data-pick-everyone]").click()
    assert chosen(page) == f"Todos os {everybody} do filtro selecionados"
    assert len(ticked(page)) == 50
    page.locator("[data-pick]").nth(0).click()
    assert chosen(page) == f"Todos os {everybody} do filtro selecionados, menos 1"
    page.locator("a[rel=next]").click()
    page.wait_for_url("**after=*")
    assert len(ticked(page)) == page.locator("[data-pick]").count(), "those of the other pages are among them"
    page.goto(f"{LIST}?state=lead")
    assert ticked(page) == [], "of another filter, who is among them is not known here"
    page.goto(LIST)
    act(page, "edit")
    page.wait_for_url("**/bulk/")
    assert f"{everybody - 1} clientes" in page.locator("main").inner_text()
    page.locator("input[name=field][value=source]").check()
    page.locator("input[name=source]").fill("Mutirão")
    page.locator("button[name=sure]").click()
    page.wait_for_url("**/bulk/*-*/")
    undo = page.locator("form[action$='/undo/'] button")
    undo.wait_for()
    assert page.locator("dl.facts dd.tnum").first.inner_text() == str(everybody - 1)
    undo.click()
    page.locator("dl.facts dd.tnum").nth(2).wait_for()
    assert page.locator("dl.facts dd.tnum").all_inner_texts()[2:] == [str(everybody - 1), "0"]


def test_with_many_columns_the_name_stays_and_a_row_opens_wherever_it_is_clicked(open_page):
    """S1-11: columns of one's own are seen to be there, and one knows whose row one reads."""
    page = open_page()
    columns = "number.name.code.state.city.paid.registered.kind.email.phone.document"
    page.goto(f"{LIST}?columns={columns}")
    frame = page.locator(".ledger-wide")
    assert frame.evaluate("e => e.scrollWidth > e.clientWidth && getComputedStyle(e).maskImage != 'none'")  # it fades
    left = page.locator("tbody .cell-stuck").first
    frame.evaluate("e => { e.scrollLeft = e.scrollWidth }")
    expect(frame).to_have_css("mask-image", "none")
    assert abs(left.bounding_box()["x"] - frame.bounding_box()["x"]) < 2
    row = page.locator("tbody tr").nth(2)
    card = row.locator("a.row-link").get_attribute("href")
    row.locator("td").last.click()
    page.wait_for_url(f"**{card}")
