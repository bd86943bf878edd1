"""Own fields are put in order by mouse, by finger and by keyboard; every way is said, and saves itself (S1-08)."""

import pytest

HERE = "/aurora/customers/fields/"


def order(page):
    return [name.strip() for name in page.locator("#own-fields .orderable-text a[href$='/']").all_inner_texts()]


def said(page):
    return page.locator("[data-order-said]").inner_text()


def names(page):
    return page.locator("#own-fields > li").evaluate_all("lines => lines.map(line => line.dataset.name)")


def saved(page, act):
    """What the list is after `act` and a fresh load."""
    with page.expect_response("**/fields/order/") as answer:
        act()
    assert answer.value.status == 200
    page.locator(".toast-line").first.wait_for()
    before = names(page)
    page.goto(HERE)
    assert names(page) == before
    return before


def middle(page, name, what):
    box = page.locator(f'#own-fields > li[data-name="{name}"] {what}').bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_by_mouse_and_given_up(open_page):
    page = open_page()
    page.goto(HERE)
    there = names(page)
    assert len(there) > 2
    x, y = middle(page, there[-1], "[data-grip]")
    top = page.locator("#own-fields > li").first.bounding_box()["y"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, top + 4, steps=8)
    page.wait_for_timeout(100)
    assert page.locator("#own-fields > li.is-held").count() == 1
    page.keyboard.press("Escape")
    page.mouse.up()
    assert names(page) == there, "given up"
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, top + 4, steps=8)
    page.wait_for_timeout(100)
    assert saved(page, page.mouse.up) == [there[-1], *there[:-1]]


@pytest.mark.parametrize("width", [390])
def test_by_finger(open_page, width):
    page = open_page(width=width)
    page.goto(HERE)
    there = names(page)
    finger = page.context.new_cdp_session(page)
    x, y = middle(page, there[0], "[data-grip]")
    _x, below = middle(page, there[1], "[data-grip]")

    def touch(kind, at):
        points = [] if kind == "touchEnd" else [{"x": x, "y": at}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", y)
    for step in range(1, 9):
        touch("touchMove", y + (below + 12 - y) * step / 8)
    page.wait_for_timeout(100)
    assert saved(page, lambda: touch("touchEnd", 0)) == [there[1], there[0], *there[2:]]


def test_by_keyboard_and_said(open_page):
    """The buttons stay where the eye is, also at an end of the list; the place is said."""
    page = open_page()
    page.goto(HERE)
    there = names(page)
    page.locator('#own-fields > li >> nth=1 >> [data-move="-1"]').focus()
    done = saved(page, lambda: (page.keyboard.press("Enter"), page.wait_for_timeout(50)))
    assert done == [there[1], there[0], *there[2:]]
    page.locator('#own-fields > li >> nth=1 >> [data-move="-1"]').focus()
    page.keyboard.press("Enter")
    assert said(page) == f"{there[0]}: posição 1 de {len(there)}"
    focused = page.evaluate(
        "document.activeElement.dataset.move + ' ' + document.activeElement.closest('li').dataset.name"
    )
    assert focused == f"1 {there[0]}"


def test_columns_of_the_list_too(open_page):
    """The same list of lines; here a button saves."""
    page = open_page()
    page.goto("/aurora/customers/columns/")
    lines = page.locator(".orderable > li")
    there = lines.evaluate_all("lines => lines.map(line => line.dataset.name)")
    grip, goal = (lines.nth(at).locator("[data-grip]").bounding_box() for at in (2, 1))
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(goal["x"] + 8, goal["y"] - 2, steps=5)
    page.wait_for_timeout(100)
    page.mouse.up()
    now = lines.evaluate_all("lines => lines.map(line => line.dataset.name)")
    assert now == [there[0], there[2], there[1], *there[3:]]
