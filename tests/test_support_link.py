"""SUPPORT_URL: where people of an installation find help (S0-16)."""

import pytest

from carteira.config import env


@pytest.mark.parametrize("url", ["https://wa.me/5541999990000", "mailto:suporte@example.com", "tel:+554133334444", ""])
def test_a_link_people_can_follow(monkeypatch, url):
    monkeypatch.setenv("SUPPORT_URL", f" {url} ")
    assert env.support_url() == url


@pytest.mark.parametrize("url", ["javascript:alert(1)", "suporte@example.com", "data:text/html,x"])
def test_anything_else_is_refused_at_the_start(monkeypatch, url):
    monkeypatch.setenv("SUPPORT_URL", url)
    with pytest.raises(SystemExit, match="SUPPORT_URL"):
        env.support_url()
