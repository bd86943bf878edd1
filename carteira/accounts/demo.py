"""The demo business and the people who work there (core.demo fills it)."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from carteira.accounts.models import Account, Membership, User
from carteira.accounts.open_account import open_account
from carteira.accounts.roles import Role
from carteira.core.demo import DemoBusiness, NotADemo

SLUG, NAME, PASSWORD = "aurora", "Escola Aurora", "escola-aurora-demo"
OWNER = ("ana@aurora.example", "Ana Moreira")
OTHERS = (("beto@aurora.example", "Beto Nogueira", Role.FINANCE), ("caio@aurora.example", "Caio Teixeira", Role.VIEWER))


def find() -> Account | None:
    return Account.objects.filter(slug=SLUG).first()


def open_demo(now: datetime) -> tuple[Account, User]:
    """Make the business, its owner and two colleagues, all with the demo's password. Raises NotADemo."""
    # Hashing is slow on purpose: once is enough for a password that stands in the README.
    hashed = make_password(PASSWORD)
    owner = _user(*OWNER, hashed)
    account = open_account(
        slug=SLUG, name=NAME, owner=owner, country="BR", time_zone="America/Sao_Paulo", by=None, now=now
    )
    for email, name, role in OTHERS:
        user = _user(email, name, hashed)
        Membership.objects.create(account=account, user=user, role=role)
    User.objects.filter(memberships__account=account).update(last_account=account)
    return account, owner


def login(account: Account) -> dict[str, str]:
    """Who signs in to look around: the owner. Nothing is told that would not open the door."""
    owner = owner_of(account)
    unchanged = owner.email == OWNER[0] and owner.check_password(PASSWORD)
    password = PASSWORD if unchanged else _("the one you have set")
    return {"name": account.name, "slug": account.slug, "email": owner.email, "password": password}


def owner_of(account: Account) -> User:
    return User.objects.get(memberships__account=account, memberships__role=Role.OWNER)


def _user(email: str, name: str, hashed: str) -> User:
    if User.objects.filter(email=email).exists():
        raise NotADemo(_("The login %(email)s of the demo exists already; it stays as it is.") % {"email": email})
    user = User(email=email, name=name, language="pt-br", password=hashed)
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


BUSINESS = DemoBusiness(find, open_demo, login, owner_of)
