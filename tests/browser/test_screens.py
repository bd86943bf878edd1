"""Every screen in a real browser: accessible (axe-core, WCAG 2.2 AA), no script error, nothing against the content
policy, no sideways scroll on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.screens import SIGNED_IN, SIGNED_OUT, find_ids

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_screen_is_accessible(open_page, width, scheme):
    found = []
    signed_out = open_page(width=width, scheme=scheme, signed_in=False)
    signed_in = open_page(width=width, scheme=scheme)
    ids = find_ids(signed_in)
    for page, screens in ((signed_out, SIGNED_OUT), (signed_in, SIGNED_IN)):
        for name, path in screens.items():
            page.goto(path.format(**ids))
            for violation in Axe().run(page, options=RULES).response["violations"]:
                nodes = [node["html"][:160] for node in violation["nodes"][:3]]
                found.append((name, violation["id"], nodes))
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                found.append((name, "scrolls sideways", wide))
    assert found == []
