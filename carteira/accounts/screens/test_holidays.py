from carteira.accounts.models import Holiday
from carteira.core.walls import scope
from conftest import Cast

URL = "/aurora/settings/holidays/"


def own(cast: Cast, account: str = "aurora") -> list[tuple[str, str]]:
    with scope(getattr(cast, account).pk):
        return [(holiday.on.isoformat(), holiday.name) for holiday in Holiday.objects.order_by("on")]


def test_days_are_added_removed_and_brought_back(cast: Cast) -> None:
    ana = cast.client(cast.ana)
    assert "No holidays of your own" in ana.get(URL).content.decode()
    assert ana.post(URL, {"on": "2027-01-25", "name": "Aniversário"}).status_code == 302
    assert own(cast) == [("2027-01-25", "Aniversário")]
    with scope(cast.aurora.pk):
        holiday = Holiday.objects.get()
    ana.post(f"{URL}{holiday.pk}/remove/")
    assert own(cast) == []
    page = ana.get(URL).content.decode()
    undo = page.split(f'action="{URL}restore/?', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    ana.post(f"{URL}restore/?{undo}")
    assert own(cast) == [("2027-01-25", "Aniversário")]


def test_the_same_day_twice_is_refused_at_its_field(cast: Cast) -> None:
    ana = cast.client(cast.ana)
    for _ in range(2):
        answer = ana.post(URL, {"on": "2027-01-25"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["on"]
    with scope(cast.aurora.pk):
        ana.post(f"{URL}restore/?on=2027-01-25")
    assert len(own(cast)) == 1


def test_days_that_cannot_be_are_refused(cast: Cast) -> None:
    ana = cast.client(cast.ana)
    for day in ("", "2027-02-30", "25/13/2027", "0001-01-01", "9999-12-31", "\x00"):
        assert ana.post(URL, {"on": day}).status_code == 422, day
        assert ana.post(f"{URL}restore/", query_params={"on": day}).status_code == 404, day
    assert ana.post(URL, {"on": "2027-01-25", "name": "x" * 101}).status_code == 422
    assert own(cast) == []


def test_the_twins_holiday_is_out_of_reach(cast: Cast) -> None:
    with scope(cast.boreal.pk):
        holiday = Holiday.objects.create(on="2027-01-25", name="Boreal")
    ana = cast.client(cast.ana)
    assert ana.post(f"{URL}{holiday.pk}/remove/").status_code == 404
    assert len(own(cast, "boreal")) == 1
    assert "Boreal" not in ana.get(URL).content.decode()
