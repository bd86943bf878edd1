"""The kit's tags and filters, without a database."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django import forms
from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.base import Message
from django.http import HttpResponse
from django.template import TemplateSyntaxError, engines
from django.test import RequestFactory
from django.utils import translation

from carteira.core.ui import formats
from carteira.core.ui.icons import UnknownIcon, icon
from carteira.core.ui.toast import LatestToasts, toast

NBSP = "\u00a0"


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def render(source: str, query: str = "", **context: Any) -> str:
    template = engines["django"].from_string(source)
    return template.render(context, RequestFactory().get(f"/list/{query}"))


class PersonForm(forms.Form):
    name = forms.CharField(help_text="As on the contract.")
    kind = forms.ChoiceField(choices=[("p", "Person"), ("c", "Company")], widget=forms.RadioSelect)
    email = forms.EmailField(required=False)
    file = forms.FileField(required=False)
    agreed = forms.BooleanField(required=False)


def test_icons_are_inline_and_hidden_from_screen_readers() -> None:
    drawn = icon("users")
    assert drawn.startswith('<svg class="icon"')
    assert 'aria-hidden="true"' in drawn
    assert "<path" in drawn
    assert "M0 0h24v24H0z" not in drawn, "the invisible frame is left out"


@pytest.mark.parametrize("name", ["no-such-icon", "../users", "Users", ""])
def test_an_unknown_icon_fails_loudly(name: str) -> None:
    with pytest.raises(UnknownIcon):
        icon(name)


@pytest.mark.parametrize(
    ("language", "money", "day", "number"),
    [
        ("pt-br", f"R${NBSP}1.234,56", "02/11/2026", "12.345"),
        ("en", "R$1,234.56", "Nov 2, 2026", "12,345"),
    ],
)
def test_values_are_written_as_the_reader_writes_them(language: str, money: str, day: str, number: str) -> None:
    with translation.override(language):
        source = "{{ m|money:'BRL' }};{{ d|day }};{{ n|number }}"
        assert render(source, m=123456, d=date(2026, 11, 2), n=12345) == f"{money};{day};{number}"


def test_the_accounts_country_groups_spanish_numbers() -> None:
    with translation.override("es"):
        with formats.place(country="CL", time_zone="America/Santiago"):
            assert formats.number(12345) == "12.345"
        with formats.place(country="MX", time_zone="America/Mexico_City"):
            assert formats.number(12345) == "12,345"


def test_currencies_without_cents() -> None:
    with translation.override("es"), formats.place(country="CL", time_zone="America/Santiago"):
        assert formats.money(5000, "CLP").endswith("5.000")


def test_moments_are_shown_in_the_accounts_zone_and_days_have_none() -> None:
    late = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    with translation.override("pt-br"), formats.place(country="BR", time_zone="America/Sao_Paulo"):
        assert formats.moment(late) == "21/11/2026 22:30"
        with pytest.raises(TypeError):
            formats.day(late)


def test_nothing_is_shown_as_a_dash() -> None:
    assert render("{{ x|money:'BRL' }}{{ x|day }}{{ x|moment }}{{ x|number }}", x=None) == "––––"
    assert render("{{ x|number }}", x=0) == "0", "none is not nought"


def test_a_state_is_a_dot_and_a_word_never_colour_alone() -> None:
    """S0-09, S2-02: the states' badges."""
    states = {"lead": "Lead", "active": "Active", "inactive": "Inactive", "delinquent": "Delinquent"}
    for state, word in (states | {"archived": "Archived"}).items():
        assert f">{word}</span>" in render("{% badge state %}", state=state)


def test_why_opens_without_scripts_and_is_described_for_screen_readers() -> None:
    html = render("{% badge 'active' why=why id=7 %}", why="Paid <b>yesterday</b>")
    assert 'popovertarget="why-7" aria-describedby="why-7"' in html
    assert 'id="why-7" popover' in html
    assert "Paid &lt;b&gt;yesterday&lt;/b&gt;" in html


def test_what_people_wrote_is_never_markup() -> None:
    evil = '"><script>alert(1)</script>'
    sources = [
        "{% badge evil %}",
        "{% badge 'lead' label=evil %}",
        "{% why id=evil text=evil %}x{% endwhy %}",
        "{% chip evil remove=evil %}",
        "{% copy evil %}",
        "{% kbd evil %}",
        "{% empty_state icon='users' title=evil text=evil %}{% endempty_state %}",
        "{% dialog id=evil title=evil %}{% enddialog %}",
        "{% menu id=evil label=evil %}{% endmenu %}",
        "{% sort_header evil evil evil %}",
        "{% order_fields 'q' %}",
        "{% search_box evil value=evil label=evil %}",
        "{% pager previous=evil next=evil summary=evil %}",
        "{% progress done=1 total=2 label=evil url=evil note=evil id=evil %}",
        "{% tabs items label=evil %}",
        "{% activity_bar items target=evil id=evil %}",
    ]
    items = [{"key": evil, "label": evil, "url": evil, "count": 1, "selected": True}]
    query = "?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    for source in sources:
        assert "<script" not in render(source, query, evil=evil, items=items), source


def test_sorting_turns_round_and_starts_at_the_first_page() -> None:
    query = "?state=active&sort=name&after=xyz"
    up = render("{% sort_header 'name' 'Name' 'name' %}", query)
    assert 'aria-sort="ascending"' in up
    assert 'href="?state=active&amp;sort=-name"' in up
    assert 'aria-sort="descending"' in render("{% sort_header 'name' 'Name' '-name' %}", query)
    other = render("{% sort_header 'paid' 'Paid' 'name' numeric=True %}", query)
    assert 'aria-sort="none"' in other
    assert "num" in other


def test_filters_carry_other_parameters_along() -> None:
    html = render("{% order_fields 'state' 'sort' %}", "?state=active&sort=-name&page=3")
    assert html.count('type="hidden"') == 2
    assert 'name="sort" value="-name"' in html


def test_the_activity_bar_sets_the_overlay_and_the_archived_apart() -> None:
    """S0-09, S2-07: one bar, counts, one selected; delinquent is an overlay, not a further state."""
    keys = ["all", "lead", "active", "inactive", "delinquent", "archived"]
    items = [
        {"key": key, "label": key, "count": 1234, "url": f"?state={key}", "selected": key == "active"} for key in keys
    ]
    html = render("{% activity_bar items target='#list' %}", items=items)
    assert html.count("<ul") == 3
    assert html.count('aria-current="true"') == 1
    assert html.count("1,234") == 6
    assert html.count('hx-push-url="true"') == 6
    assert re.findall(r'<a class="activity-(\w+)"', html) == keys
    assert "hx-" not in render("{% activity_bar items %}", items=items), "plain links without a target"


def test_a_refused_form_links_each_error_to_its_field() -> None:
    form = PersonForm({"email": "nonsense"})
    html = render("{{ form }}", form=form)
    assert 'role="alert"' in html
    assert '<a href="#id_name">' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html
    name = re.search(r"<input[^>]*name=\"name\"[^>]*>", html)
    assert name is not None
    assert 'aria-describedby="id_name_helptext id_name_error"' in name[0] or "id_name_error" in name[0]


def test_every_control_has_a_label() -> None:
    html = render("{{ form }}", form=PersonForm())
    for control in re.findall(r"<input[^>]*>", html):
        identity = re.search(r'id="([^"]+)"', control)
        assert identity is not None
        assert f'for="{identity[1]}"' in html or 'type="radio"' in control
    assert "<fieldset" in html
    assert "<legend" in html
    assert "data-drop" in html


def test_a_misspelt_field_fails_loudly() -> None:
    with pytest.raises(TemplateSyntaxError):
        render("{% field form.nmae %}", form=PersonForm())


def test_progress_stops_asking_when_it_has_no_address() -> None:
    running = render("{% progress done=1 total=4 label='Importing' url='/job/' %}")
    assert 'hx-trigger="every 1s"' in running
    assert 'value="25"' in running
    assert "hx-" not in render("{% progress done=4 total=4 label='Importing' %}")
    assert 'value="0"' in render("{% progress done=0 total=0 label='Importing' %}")


def test_only_the_latest_toasts_wait_for_a_page() -> None:
    """Whoever acts forty times without opening a page (a script) neither carries forty sentences along nor fills the
    session with them."""
    cookies: dict[str, str] = {}
    for nth in range(40):
        request = RequestFactory(headers={"cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}).post("/")
        request.session = {}  # type: ignore[assignment]
        request._messages = LatestToasts(request)  # type: ignore[attr-defined]
        toast(request, f"Payment {nth} recorded.", undo=f"/{nth}/undo/")
        response = HttpResponse()
        assert request._messages.update(response) == []  # type: ignore[attr-defined]
        cookies = {name: morsel.coded_value for name, morsel in response.cookies.items()}
        assert not request.session
    request = RequestFactory(headers={"cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}).get("/")
    request.session = {}  # type: ignore[assignment]
    assert [str(one) for one in LatestToasts(request)] == [f"Payment {nth} recorded." for nth in range(32, 40)]


def test_a_toast_undoes_by_post() -> None:
    html = render("{% toasts %}", messages=[Message(SUCCESS, "Archived <b>.", "/x/undo/")])
    assert "Archived &lt;b&gt;." in html
    assert '<form method="post" action="/x/undo/">' in html
    assert 'aria-live="polite"' in html
    assert 'hx-swap-oob="beforeend"' in render("{% toasts oob=True %}")


def test_without_a_request() -> None:
    """Mails and documents use the filters with no request at hand."""
    template = engines["django"].from_string("{{ m|money:'BRL' }} {% badge 'paid' %}")
    assert "Paid" in template.render({"m": 1})
