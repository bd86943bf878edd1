from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from carteira.accounts.access import require, required_right
from carteira.accounts.roles import Right
from conftest import Cast


def test_two_rights_for_one_view_are_a_mistake() -> None:
    with pytest.raises(TypeError, match="two rights"):

        @require(Right.IMPORT)
        @require(Right.EDIT_ACCOUNT)
        def view(request: HttpRequest) -> HttpResponse:
            return HttpResponse()


def test_the_right_stays_readable_under_further_decorators() -> None:
    from carteira.accounts.screens.business import business

    assert required_right(business) == Right.EDIT_ACCOUNT


@pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}])
def test_a_refusal_is_a_sentence_with_ones_role(cast: Cast, headers: Any) -> None:
    answer = cast.client(cast.caio).post("/aurora/settings/", {"name": "Caio's"}, headers=headers)
    assert answer.status_code == 403
    assert "Viewer" in answer.content.decode()
    cast.aurora.refresh_from_db()
    assert cast.aurora.name == "Escola Aurora"
