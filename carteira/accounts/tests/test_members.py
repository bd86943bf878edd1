"""Members: invited, accepted, changed, removed, handed on; one owner always, nobody gives more than they have."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from carteira.accounts import change_member, invite, jobs, leave
from carteira.accounts.accept import InvitationGone, accept, accept_as_new
from carteira.accounts.links import invitation_key, invitation_link, read_invitation_key
from carteira.accounts.models import Invitation, Membership, User
from carteira.accounts.rights_check import NotAllowed
from carteira.accounts.roles import FIXED, Right, rights_of
from carteira.accounts.tests.mailbox import path_in
from carteira.accounts.transfer import owners, transfer
from carteira.core.events.models import Event
from carteira.core.jobs import clocks
from carteira.core.walls import scope
from conftest import NOW, Cast

PASSWORD = "a long enough password"
JOIN = {"name": "Eva Prado", "password": PASSWORD}


def member_of(cast: Cast, user: Any) -> Membership:
    return Membership.objects.get(account=cast.aurora, user=user)


@pytest.fixture
def invited(cast: Cast) -> Invitation:
    with scope(cast.aurora.pk):
        return invite.invite(cast.aurora, email="eva@example.com", role="sales", by=cast.ana, now=timezone.now())


def path_of(invitation: Invitation) -> str:
    return path_in(invitation_link(invitation))


def kinds(cast: Cast) -> list[str]:
    with scope(cast.aurora.pk):
        return list(Event.objects.filter(kind__startswith="member.").order_by("id").values_list("kind", flat=True))


# -- rights on top of the role


def test_single_rights_are_given_and_taken_on_top_of_the_role(cast: Cast) -> None:
    """C-15: one place answers; what the role says anyway is not kept beside it; a denial holds at the next request."""
    caio = cast.client(cast.caio)
    assert caio.get("/aurora/customers/new/").status_code == 403
    with scope(cast.aurora.pk):
        row = change_member.change_member(
            member_of(cast, cast.caio),
            role="viewer",
            allowed=[Right.EDIT_CUSTOMERS, Right.SEE_CUSTOMERS],
            denied=[Right.SEE_MONEY, Right.IMPORT],
            by=cast.ana,
            now=NOW,
        )
    assert (row.allowed, row.denied) == (["customers.edit"], ["billing.see"])
    assert caio.get("/aurora/customers/new/").status_code == 200
    found = member_of(cast, cast.caio)
    assert found.may(Right.EDIT_CUSTOMERS)
    assert not found.may(Right.SEE_MONEY)
    assert kinds(cast) == ["member.changed"]


def test_rights_that_stand_alone_can_neither_be_given_nor_taken() -> None:
    assert rights_of("viewer", ["account.own", "no.such.right"], ["account.enter"]) == rights_of("viewer")
    assert rights_of("owner", [], [right.value for right in Right]) == frozenset(Right)
    assert rights_of("admin") == frozenset(Right) - {Right.OWN}
    assert Right.IMPORT not in rights_of("sales", ["sheets.import"], ["sheets.import"]), "a denial wins"
    assert rights_of("nobody", ["sheets.import"]) == frozenset()


def test_every_right_has_its_words() -> None:
    assert [right for right in Right if str(right.label) == right.name.replace("_", " ").title()] == []


def test_nobody_gives_away_more_than_they_have(cast: Cast) -> None:
    """A7: somebody who only manages members makes no administrator, of themselves or of others."""
    with scope(cast.aurora.pk):
        sofia = member_of(cast, cast.sofia)
        change_member.change_member(sofia, role="sales", allowed=[Right.MANAGE_MEMBERS], by=cast.ana, now=NOW)
        caio = member_of(cast, cast.caio)
        with pytest.raises(NotAllowed, match="not one"):
            change_member.change_member(caio, role="admin", by=cast.sofia, now=NOW)
        with pytest.raises(NotAllowed, match="not one"):
            invite.invite(cast.aurora, email="x@example.com", role="admin", by=cast.sofia, now=NOW)
        with pytest.raises(NotAllowed, match="their own rights"):
            change_member.change_member(sofia, role="sales", by=cast.sofia, now=NOW)
        with pytest.raises(NotAllowed, match="do not have"):
            leave.remove(member_of(cast, cast.beto), by=cast.sofia, now=NOW)
        with pytest.raises(NotAllowed, match="owner stays"):
            leave.remove(member_of(cast, cast.ana), by=cast.sofia, now=NOW)
        with pytest.raises(NotAllowed, match="one owner"):
            change_member.change_member(caio, role="owner", by=cast.ana, now=NOW)
        change_member.change_member(caio, role="sales", by=cast.sofia, now=NOW)
    page = cast.client(cast.sofia).get("/aurora/settings/members/").content.decode()
    assert 'value="viewer"' in page
    assert 'value="admin"' not in page


def test_a_member_is_changed_on_their_page(cast: Cast) -> None:
    ana = cast.client(cast.ana)
    path = f"/aurora/settings/members/{member_of(cast, cast.caio).pk}/"
    assert "Issue invoices, record payments" in ana.get(path).content.decode()
    body = {"role": "sales", **{right.name: "role" for right in Right if right not in FIXED}, "IMPORT": "deny"}
    assert ana.post(path, body).status_code == 302
    found = member_of(cast, cast.caio)
    assert (found.role, found.allowed, found.denied) == ("sales", [], ["sheets.import"])
    assert "adjusted" in ana.get("/aurora/settings/members/").content.decode()
    own = ana.get(f"/aurora/settings/members/{member_of(cast, cast.ana).pk}/").content.decode()
    assert "The owner stays as they are" in own


# -- inviting and joining


def test_a_new_person_joins_by_the_mailed_link_also_where_signing_up_is_closed(
    cast: Cast, invited: Invitation, settings: Any
) -> None:
    """A16: the link works once, within a week."""
    settings.SIGNUP_OPEN, settings.MAILS_GO_OUT = False, True
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    for _time in range(2):
        jobs.mail_invitation(cast.aurora.pk, invitation_id=str(invited.pk))
    (message,) = mail.outbox
    assert message.to == ["eva@example.com"]
    assert "Escola Aurora" in message.subject
    path = path_in(message.body)
    client = Client()
    assert "eva@example.com" in client.get(path).content.decode()
    short = client.post(path, {"name": "Eva", "password": "short"})
    assert short.status_code == 422
    assert not User.objects.filter(email="eva@example.com").exists()
    answer = client.post(path, JOIN)
    assert (answer.status_code, answer["Location"]) == (302, "/aurora/")
    assert client.get("/aurora/customers/").status_code == 200
    eva = User.objects.get(email="eva@example.com")
    assert member_of(cast, eva).role == "sales"
    assert eva.emailaddress_set.get().verified
    assert kinds(cast) == ["member.invited", "member.joined"]
    again = Client().get(path)
    assert again.status_code == 410
    assert "used already" in again.content.decode()


def test_where_no_mail_goes_out_nothing_is_proven_and_the_link_is_handed_on(cast: Cast, invited: Invitation) -> None:
    page = cast.client(cast.ana).get("/aurora/settings/members/").content.decode()
    assert invitation_link(invited) in page
    Client().post(path_of(invited), JOIN)
    assert not User.objects.get(email="eva@example.com").emailaddress_set.get().verified


def test_where_mails_go_out_the_one_who_invites_does_not_see_the_link(
    cast: Cast, invited: Invitation, settings: Any
) -> None:
    """A11: else they could make a login with an address that is not theirs."""
    settings.MAILS_GO_OUT = True
    page = cast.client(cast.ana).get("/aurora/settings/members/").content.decode()
    assert "eva@example.com" in page
    assert invitation_key(invited) not in page


def test_an_existing_login_joins_and_needs_its_password(cast: Cast) -> None:
    with scope(cast.aurora.pk):
        row = invite.invite(cast.aurora, email="dora@example.com", role="viewer", by=cast.ana, now=timezone.now())
    client = Client()
    assert "There is a login for dora@example.com" in client.get(path_of(row)).content.decode()
    client.post(path_of(row), JOIN)
    assert not Membership.objects.filter(account=cast.aurora, user=cast.dora).exists()
    dora = cast.client(cast.dora)
    assert "You are signed in as dora@example.com" in dora.get(path_of(row)).content.decode()
    assert dora.post(path_of(row))["Location"] == "/aurora/"
    assert member_of(cast, cast.dora).role == "viewer"
    assert dora.get("/boreal/settings/").status_code == 200, "and still owns the other one"


def test_a_member_who_accepts_keeps_their_place(cast: Cast, invited: Invitation) -> None:
    cast.client(cast.ana).post(path_of(invited))
    assert member_of(cast, cast.ana).role == "owner"


@pytest.mark.parametrize("how", ["revoked", "expired", "other", "forged"])
def test_a_dead_link_says_so_and_does_nothing(cast: Cast, invited: Invitation, how: str) -> None:
    """A16."""
    path, at = path_of(invited), timezone.now()
    if how == "revoked":
        with scope(cast.aurora.pk):
            invite.revoke(invited, by=cast.ana, now=at)
    elif how == "expired":
        at += timedelta(days=7, seconds=1)
    elif how == "other":
        invited.account_id = cast.boreal.pk
        path = path_of(invited)
    else:
        path = path[:-3] + "xx/"
    with time_machine.travel(at, tick=True):
        for client in (Client(), cast.client(cast.dora)):
            assert client.get(path).status_code == 410
            assert client.post(path, JOIN).status_code == 410
    assert Membership.objects.filter(account=cast.aurora).count() == 4
    assert not User.objects.filter(email="eva@example.com").exists()


def test_a_link_whose_sender_may_less_by_now_says_so(cast: Cast) -> None:
    """A16: the page tells why instead of opening, in the business's language; the list tells whoever can help."""
    place = Membership.objects.filter(user=cast.beto)
    place.update(role="admin")
    with scope(cast.aurora.pk):
        row = invite.invite(cast.aurora, email="eva@example.com", role="sales", by=cast.beto, now=timezone.now())
    path, sentence = path_of(row), "no longer may invite people to Escola Aurora"
    assert Client().get(path).status_code == 200
    place.update(role="viewer")
    for client in (Client(), cast.client(cast.dora)):
        for answer in (client.get(path), client.post(path, JOIN)):
            assert answer.status_code == 410
            assert sentence in answer.content.decode()
    ana = cast.client(cast.ana)
    assert "its sender no longer may" in ana.get("/aurora/settings/members/").content.decode()
    ana.post(f"/aurora/settings/members/invitations/{row.pk}/resend/")
    assert "its sender no longer may" not in ana.get("/aurora/settings/members/").content.decode()
    assert Client().get(path).status_code == 200


def test_old_invitations_are_forgotten(cast: Cast, invited: Invitation) -> None:
    """P5: an address of somebody who never came is not kept for ever; the history keeps that it happened."""
    at = timezone.now()
    with scope(cast.aurora.pk):
        for email in ("used@example.com", "back@example.com", "again@example.com"):
            invite.invite(cast.aurora, email=email, role="viewer", by=cast.ana, now=at)
        Invitation.objects.filter(email="used@example.com").update(accepted_at=at)
        invite.revoke(Invitation.objects.get(email="back@example.com"), by=cast.ana, now=at)
    with scope(cast.boreal.pk):
        invite.invite(cast.boreal, email="eva@example.com", role="sales", by=cast.dora, now=at)
    clock = clocks.find("accounts.forget_invitations")
    assert clock is not None

    def kept(days: int) -> list[str]:
        with scope(cast.aurora.pk):
            clock.tick(cast.aurora, at + timedelta(days=days))
            return sorted(Invitation.objects.values_list("email", flat=True))

    four = ["again@example.com", "back@example.com", "eva@example.com", "used@example.com"]
    assert kept(30) == four
    assert kept(31) == ["again@example.com", "eva@example.com"], "seven days open, then thirty more"
    with scope(cast.aurora.pk):
        again = Invitation.objects.get(email="again@example.com")
        invite.resend(again, by=cast.ana, now=at + timedelta(days=36))
    assert kept(38) == ["again@example.com"]
    assert "member.invited" in kinds(cast)
    with scope(cast.boreal.pk):
        assert Invitation.objects.count() == 1


@pytest.mark.parametrize("key", ["x", "a" * 2000, "AAAA:bbb", "é", ":", "x:y:z"])
def test_made_up_keys_are_none(key: str) -> None:
    assert read_invitation_key(key) is None


def test_inviting_again_renews_the_one_invitation(cast: Cast, invited: Invitation) -> None:
    later = timezone.now() + timedelta(days=5)
    with scope(cast.aurora.pk):
        Invitation.objects.update(mailed_at=NOW)
        row = invite.invite(cast.aurora, email=" EVA@example.com", role="viewer", by=cast.ana, now=later)
        assert Invitation.objects.count() == 1
        assert (row.pk, row.role, row.mailed_at) == (invited.pk, "viewer", None)
        assert row.expires_at == later + timedelta(days=7)
        with pytest.raises(invite.CannotInvite, match="already"):
            invite.invite(cast.aurora, email="caio@example.com", role="viewer", by=cast.ana, now=later)
    assert kinds(cast) == ["member.invited", "member.invited_again"]


def test_taking_back_can_be_undone(cast: Cast, invited: Invitation) -> None:
    ana = cast.client(cast.ana)
    path = f"/aurora/settings/members/invitations/{invited.pk}/"
    answer = ana.post(f"{path}revoke/", follow=True)
    assert f"{path}reopen/" in answer.content.decode()
    assert Client().get(path_of(invited)).status_code == 410
    ana.post(f"{path}reopen/")
    assert Client().get(path_of(invited)).status_code == 200


def test_invitations_are_limited(cast: Cast, settings: Any) -> None:
    """A12: not a way to write to a list of strangers."""
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "invite": "2/h/user"}
    ana = cast.client(cast.ana)
    answers = [
        ana.post("/aurora/settings/members/", {"email": f"p{n}@example.com", "role": "viewer"}).status_code
        for n in range(3)
    ]
    assert answers == [302, 302, 429]


def test_trying_keys_is_limited(cast: Cast, settings: Any) -> None:
    """A11."""
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "accept_invitation": "2/m/ip"}
    answers = [Client().post(f"/accounts/invitation/made-up-{n}/").status_code for n in range(3)]
    assert answers == [410, 410, 429]


@pytest.mark.django_db(transaction=True)
def test_one_link_used_by_two_at_once_lets_one_in() -> None:
    """A17."""
    from conftest import make_cast

    cast = make_cast()
    with scope(cast.aurora.pk):
        row = invite.invite(cast.aurora, email="eva@example.com", role="viewer", by=cast.ana, now=timezone.now())
    comers = [User.objects.create_user(f"x{n}@example.com") for n in range(4)]

    def come(user: User) -> bool:
        try:
            with scope(cast.aurora.pk):
                accept(row.pk, user=user, now=timezone.now())
        except InvitationGone:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(come, comers)) == 1
    assert Membership.objects.filter(account=cast.aurora).count() == 5


# -- leaving, removing, handing on


def test_the_removed_are_out_at_once_and_may_come_back(cast: Cast) -> None:
    """T6."""
    caio = cast.client(cast.caio)
    member = member_of(cast, cast.caio)
    assert cast.client(cast.ana).post(f"/aurora/settings/members/{member.pk}/remove/").status_code == 302
    assert caio.get("/aurora/customers/").status_code == 404
    with scope(cast.aurora.pk):
        row = invite.invite(cast.aurora, email="caio@example.com", role="viewer", by=cast.ana, now=timezone.now())
    caio.post(path_of(row))
    assert caio.get("/aurora/customers/").status_code == 200
    assert kinds(cast) == ["member.removed", "member.invited", "member.joined"]


def test_one_leaves_by_oneself_but_not_the_owner(cast: Cast) -> None:
    caio = cast.client(cast.caio)
    assert caio.post("/aurora/settings/members/leave/")["Location"] == "/"
    assert caio.get("/aurora/customers/").status_code == 404
    answer = cast.client(cast.ana).post("/aurora/settings/members/leave/", follow=True)
    assert "needs an owner" in answer.content.decode()
    assert kinds(cast) == ["member.left"]


def test_a_business_is_handed_on(cast: Cast) -> None:
    heir = member_of(cast, cast.beto)
    for client in (cast.client(cast.sofia), cast.client(cast.beto)):
        assert client.post(f"/aurora/settings/members/{heir.pk}/hand-on/").status_code == 403
    ana = cast.client(cast.ana)
    ana.post("/accounts/again/", {"password": "correct horse battery"})
    ana.post(f"/aurora/settings/members/{heir.pk}/hand-on/")
    assert (member_of(cast, cast.beto).role, member_of(cast, cast.ana).role) == ("owner", "admin")
    with scope(cast.aurora.pk):
        assert list(owners()) == []
        with pytest.raises(NotAllowed, match="Only the owner"):
            transfer(cast.aurora, to=member_of(cast, cast.caio), by=cast.ana, now=NOW)
        stranger = Membership.objects.get(user=cast.dora)
        with pytest.raises(NotAllowed, match="active member"):
            transfer(cast.aurora, to=stranger, by=cast.beto, now=NOW)
        assert list(owners()) == []


@pytest.mark.django_db(transaction=True)
def test_handed_to_two_at_once_there_is_one_owner() -> None:
    """A17: and whoever is handed the business cannot be removed at the same moment."""
    from conftest import make_cast

    cast = make_cast()
    acts = [
        lambda: transfer(cast.aurora, to=member_of(cast, cast.beto), by=cast.ana, now=NOW),
        lambda: transfer(cast.aurora, to=member_of(cast, cast.caio), by=cast.ana, now=NOW),
        lambda: leave.remove(member_of(cast, cast.beto), by=cast.ana, now=NOW),
        lambda: leave.leave(member_of(cast, cast.caio), now=NOW),
    ]

    def run(act: Any) -> None:
        try:
            with scope(cast.aurora.pk):
                act()
        except (NotAllowed, Membership.DoesNotExist):
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, acts))
    with scope(cast.aurora.pk):
        assert list(owners()) == []


def test_a_new_login_is_made_once(cast: Cast, invited: Invitation) -> None:
    with scope(cast.aurora.pk):
        accept_as_new(invited.pk, name="Eva", password=PASSWORD, language="", now=timezone.now())
        with pytest.raises(InvitationGone):
            accept_as_new(invited.pk, name="Eva", password=PASSWORD, language="", now=timezone.now())


def test_the_list_asks_the_same_with_few_and_many(cast: Cast, django_assert_max_num_queries: Any) -> None:
    with scope(cast.aurora.pk):
        for n in range(20):
            invite.invite(cast.aurora, email=f"p{n}@example.com", role="viewer", by=cast.ana, now=timezone.now())
    ana = cast.client(cast.ana)
    with django_assert_max_num_queries(9):
        ana.get("/aurora/settings/members/")
