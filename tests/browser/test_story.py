"""A newcomer's first hour, in a real browser against real processes: sign up, import, bar, why, search, archive."""

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[1] / "data"


@pytest.mark.parametrize("width", [1280, 390])
def test_from_sign_up_to_archive(open_page, width):
    """Rows S0-07, S0-09 to S0-14, S2-19: on the real files of tests/data."""
    page = open_page(width=width, signed_in=False)
    page.goto("/accounts/signup/")
    page.fill("input[name=business]", f"Estúdio {width}")
    page.fill("input[name=name]", "Nina Prado")
    page.fill("input[name=email]", f"nina{width}@example.com")
    page.fill("input[name=password1]", "uma senha bem comprida")
    page.click("main button[type=submit]")
    page.wait_for_url(f"**/estudio-{width}/**")

    bring_in(
        page, "customers", DATA / "cdnow_sample_customers.csv", {"customer_id": "code", "registered": "registered_on"}
    )
    assert "2.357" in page.locator("main").inner_text()
    bring_in(page, "payments", DATA / "cdnow_sample_payments.csv", {"customer_id": "code"})
    report = page.locator("main").inner_text()
    assert "6.911" in report
    assert "8" in report

    page.goto(f"/estudio-{width}/customers/?as_of=1997-03-31")
    bar = page.locator("nav.activity").inner_text()
    for count in ("2.357", "1.799", "550"):
        assert count in bar
    page.goto(f"/estudio-{width}/customers/?as_of=1997-03-31&state=inactive")
    why = page.locator("table .why").first
    why.click()
    assert "60" in page.locator("[popover]:popover-open").first.inner_text()
    page.keyboard.press("Escape")

    page.goto(f"/estudio-{width}/customers/")
    page.locator("main input[name=q]").fill("0004")
    page.wait_for_url("**q=0004**")
    page.locator("table a.row-link", has_text="00004").first.click()
    page.wait_for_url("**/customers/*-*/**")
    page.get_by_role("link", name="Arquivar").first.click()
    page.locator("main form button.btn-danger").click()
    page.wait_for_url("**/customers/*-*/**")
    page.goto(f"/estudio-{width}/customers/?state=archived")
    assert "00004" in page.locator("table").inner_text()


def bring_in(page, kind: str, file: Path, columns: dict[str, str]) -> None:
    """Upload, choose columns, run, wait for the report."""
    account = page.url.split("/")[3]
    page.goto(f"/{account}/imports/new/{kind}/")
    page.set_input_files("input[type=file]", file)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/columns/")
    for column, field in columns.items():
        page.get_by_label(column, exact=True).select_option(field)
    page.locator("main button[value=import]").click()
    page.locator("main dl.facts.panel .tnum").first.wait_for(timeout=60_000)
