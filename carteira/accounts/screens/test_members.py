from conftest import Cast


def test_members_are_those_of_this_business(cast: Cast) -> None:
    page = cast.client(cast.ana).get("/aurora/settings/members/").content.decode()
    for person in (cast.ana, cast.beto, cast.caio, cast.sofia):
        assert person.email in page
    assert cast.dora.email not in page
