"""/_kit: for the installation's operator, for developers, and where the demo runs."""

import pytest


@pytest.fixture
def operator(cast):
    cast.ana.is_staff = True
    cast.ana.save()
    return cast.client(cast.ana)


def test_the_operator_sees_it(operator):
    page = operator.get("/_kit/")
    assert page.status_code == 200
    for theme in ("light", "dark"):
        assert f'data-bs-theme="{theme}"' in page.content.decode()
    assert "Ana Beatriz" in operator.get("/_kit/?q=ana", headers={"hx-request": "true"}).content.decode()


def test_nobody_else_does(client, cast):
    for other in (client, cast.client(cast.ana)):
        assert other.get("/_kit/").status_code == 404


@pytest.mark.parametrize("where", ["DEBUG", "DEMO"])
def test_developers_and_the_demo_show_it_to_everybody(client, db, settings, where):
    setattr(settings, where, True)
    assert client.get("/_kit/").status_code == 200


def test_it_asks_the_database_nothing_of_a_business(operator, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):  # the session and the person
        operator.get("/_kit/")
