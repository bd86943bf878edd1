"""An attacker among us: a former owner, a removed member, whoever guesses ids, replays links or writes by our mails."""

from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone

from carteira.accounts import jobs, links, mails, news
from carteira.accounts.invite import forget_old, invite, revoke
from carteira.accounts.models import AccountCopy, Membership, User
from carteira.accounts.transfer import transfer
from carteira.core.files.store import keep
from carteira.core.privacy.requests import open_request
from carteira.core.walls import scope
from carteira.customers.person_export import export_person
from conftest import NOW, Cast

PASSWORD = "correct horse battery"
CLOSE = "/aurora/settings/close/"


def proven(cast: Cast, user: Any) -> Client:
    """Signed in, and proven a moment ago."""
    client = cast.client(user)
    client.post("/accounts/again/", {"password": PASSWORD})
    return client


def a_copy(account: Any) -> AccountCopy:
    now = timezone.now()
    with scope(account.pk):
        file = keep([b"PK all of it"], name="all.zip", right="account.own", limit=99, by=None, now=now)
        return AccountCopy.objects.create(asked_at=now, done_at=now, file=file)


def test_a_former_owner_takes_nothing_along_by_an_open_browser(cast: Cast, settings: Any, tmp_path: Any) -> None:
    """Handed on a second ago, with a fresh proof: neither the copy of all data nor closing nor its calling off."""
    settings.FILES_ROOT = tmp_path
    copy = a_copy(cast.aurora)
    ana = proven(cast, cast.ana)
    assert ana.get(f"{CLOSE}copy/{copy.pk}/").status_code == 200
    with scope(cast.aurora.pk):
        heir = Membership.objects.get(account=cast.aurora, user=cast.beto)
        transfer(cast.aurora, to=heir, by=cast.ana, now=NOW)
    assert ana.get(f"{CLOSE}copy/{copy.pk}/").status_code == 403
    for act, body in (("copy/", {}), ("now/", {"typed": "aurora"}), ("stay/", {})):
        assert ana.post(f"{CLOSE}{act}", body).status_code == 403, act
    back = Membership.objects.get(account=cast.aurora, user=cast.ana)
    assert ana.post(f"/aurora/settings/members/{back.pk}/hand-on/").status_code == 403


def test_a_removed_member_s_open_browser_and_old_links_open_nothing(
    cast: Cast, make_customer: Any, settings: Any, tmp_path: Any
) -> None:
    """Their session stays good for their other businesses only; every page here is the 404 of any."""
    settings.FILES_ROOT = tmp_path
    maria = make_customer(cast.aurora, "Maria Silva")
    place = Membership.objects.filter(user=cast.beto)
    place.update(role="admin")
    with scope(cast.aurora.pk):
        asked = export_person(maria, by=cast.beto, now=timezone.now())
    beto = proven(cast, cast.beto)
    file = f"/aurora/customers/{maria.pk}/person/{asked.pk}/file/"
    assert beto.get(file).status_code == 200
    place.delete()
    for path in (file, "/aurora/settings/privacy/", "/aurora/settings/members/", f"/aurora/customers/{maria.pk}/"):
        assert beto.get(path).status_code == 404, path
    assert beto.get("/accounts/").status_code in (200, 302), "signed in still, in nobody's business"


def test_ids_of_the_twin_are_404_whatever_one_may_at_home(
    cast: Cast, make_customer: Any, settings: Any, tmp_path: Any
) -> None:
    """A1: with every right in one's own business; and a request of one person is not fetched by another's page."""
    settings.FILES_ROOT = tmp_path
    theirs, mine = make_customer(cast.boreal, "TWIN_SECRET"), make_customer(cast.aurora, "Maria Silva")
    other = make_customer(cast.aurora, "João Prado")
    now = timezone.now()
    with scope(cast.boreal.pk):
        foreign = export_person(theirs, by=cast.dora, now=now)
        invited = invite(cast.boreal, email="eva@example.com", role="viewer", by=cast.dora, now=now)
    with scope(cast.aurora.pk):
        own = export_person(mine, by=cast.ana, now=now)
    copy, place = a_copy(cast.boreal), Membership.objects.get(user=cast.dora)
    ana = proven(cast, cast.ana)
    for path in (
        f"/aurora/customers/{theirs.pk}/person/{foreign.pk}/file/",
        f"/aurora/customers/{mine.pk}/person/{foreign.pk}/file/",
        f"/aurora/customers/{other.pk}/person/{own.pk}/file/",
        f"{CLOSE}copy/{copy.pk}/",
        f"/aurora/settings/members/{place.pk}/",
    ):
        assert ana.get(path).status_code == 404, path
    for act in ("resend", "revoke", "reopen"):
        assert ana.post(f"/aurora/settings/members/invitations/{invited.pk}/{act}/").status_code == 404
    with scope(cast.boreal.pk):
        request = open_request("export", theirs.pk, account=cast.boreal, by=None, now=now)
    page = ana.get(f"/aurora/settings/privacy/?before={request.pk}")
    assert "TWIN_SECRET" not in page.content.decode()
    assert [row["request"].pk for row in page.context["rows"]] == [own.pk]


def test_numbers_of_passkeys_tell_nothing_and_names_are_text(cast: Cast) -> None:
    """They count up through the installation: another's and none look the same."""
    key = Authenticator.objects.create(user=cast.beto, type="webauthn", data={"name": "x", "credential": {}})
    mine = Authenticator.objects.create(user=cast.ana, type="webauthn", data={"name": "x", "credential": {}})
    ana = proven(cast, cast.ana)
    for act in ("rename", "remove"):
        answers = [ana.get(f"/accounts/security/passkeys/{pk}/{act}/") for pk in (key.pk, key.pk + 1000)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    ana.post(f"/accounts/security/passkeys/{mine.pk}/rename/", {"name": '"><script>alert(1)</script>'})
    page = ana.get("/aurora/settings/security/").content.decode()
    assert "<script>alert" not in page
    assert "&quot;&gt;&lt;script&gt;" in page


def test_a_link_replayed_after_it_was_forgotten_is_dead(cast: Cast) -> None:
    """The row decides, not the signature: pruned, withdrawn or used, the same 410, and no word of the business."""
    at = timezone.now()
    with scope(cast.aurora.pk):
        row = invite(cast.aurora, email="eva@example.com", role="viewer", by=cast.ana, now=at)
        path = links.invitation_link(row).removeprefix(links.absolute(""))
        revoke(row, by=cast.ana, now=at)
    withdrawn = Client().get(path)
    with scope(cast.aurora.pk):
        assert forget_old(at + timedelta(days=31)) == 1
    for answer in (Client().get(path), cast.client(cast.dora).post(path)):
        assert answer.status_code == withdrawn.status_code == 410
        assert "Aurora" not in answer.content.decode()


def test_nobody_is_lured_by_a_link_in_a_name_that_our_mails_carry(cast: Cast) -> None:
    """Whoever opens a business here chooses its name and who is written to: no name becomes a link in the reader's
    mail program."""
    lure = "Prêmio www.evil.example/win https://evil.example"
    type(cast.aurora).objects.filter(pk=cast.aurora.pk).update(name=lure)
    User.objects.filter(pk=cast.ana.pk).update(name="Clique evil.example:8080")
    cast.aurora.refresh_from_db()
    cast.ana.refresh_from_db()
    with scope(cast.aurora.pk):
        row = invite(cast.aurora, email="eva@example.com", role="viewer", by=cast.ana, now=timezone.now())
    jobs.mail_invitation(cast.aurora.pk, invitation_id=str(row.pk))
    news.send_handed_on(cast.aurora, cast.beto, before=cast.ana, after=cast.beto)
    mails.send("reset", cast.ana, language="en")
    assert len(mail.outbox) == 3
    for message in mail.outbox:
        told = message.subject + message.body
        assert "evil.example" not in told
        assert "www.evil" not in told
        assert "https://" not in told
    assert "evil. example" in mail.outbox[0].body
    assert links.unlinked("Clínica Dr. Silva S.A. 1.234") == "Clínica Dr. Silva S. A. 1.234"
    assert links.unlinked("ana") == "ana"
