"""Businesses, the people who sign in, and who may do what where.

These tables stand outside the walls: they are what decides which wall to open. Own holidays stand behind them.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import UUID7, Lower
from django.utils.translation import gettext_lazy as _

from carteira.accounts.roles import Right, Role, rights_of
from carteira.core import dates
from carteira.core.walls.models import Walled


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who signs in, by e-mail. May work in several accounts."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    email = models.EmailField(_("e-mail"), unique=True, max_length=254)
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True, choices=settings.LANGUAGES)
    # The installation's operator: sees /_kit, /_mail and health, never an account's data. Set by command only.
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Where "/" leads: the business this person worked in last.
    last_account = models.ForeignKey("Account", models.SET_NULL, null=True, related_name="+", db_index=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = (models.UniqueConstraint(Lower("email"), name="accounts_user_email_once"),)

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)


class Session(AbstractBaseSession):
    """A browser somebody is signed in with (accounts.sessions)."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    created_at = models.DateTimeField(null=True)
    # Written every few minutes at most (accounts.sign_out): when and where from it was used last.
    seen_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=60, db_default="")
    address = models.CharField(max_length=50, db_default="")

    def __str__(self) -> str:
        return f"{self.user_id}"

    def save(self, *args: Any, **options: Any) -> None:
        # Django makes an instance from the cookie's data and saves all of it; what it does not know stays as it is.
        if options.get("force_update") and options.get("update_fields") is None:
            options["update_fields"] = ("session_data", "expire_date", "user")
        super().save(*args, **options)


class SignIn(models.Model):
    """Something that happened at the door: somebody came in, failed to, or changed how they do (accounts.sign_ins)."""

    class What(models.TextChoices):
        IN = "in", _("Signed in")
        FAILED = "failed", _("Wrong password")
        CODE_FAILED = "code_failed", _("Wrong second factor")
        PASSWORD = "password", _("Password changed")
        RESET = "reset", _("New password by a mailed link")
        FACTOR_ADDED = "factor_added", _("Second factor added")
        FACTOR_REMOVED = "factor_removed", _("Second factor removed")
        CODES = "codes", _("New recovery codes")

    class Method(models.TextChoices):
        PASSWORD = "password", _("by password")
        LINK = "password_reset", _("by a mailed link")
        TOTP = "totp", _("with an authenticator app")
        PASSKEY = "webauthn", _("with a passkey")
        RECOVERY = "recovery_codes", _("with a recovery code")

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="sign_ins", db_index=False)
    what = models.CharField(max_length=20, choices=What.choices)
    method = models.CharField(max_length=20, choices=Method.choices, blank=True)
    at = models.DateTimeField()
    device = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=50, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["user", "-id"], name="accounts_signin_user"),
            models.Index(fields=["at"], name="accounts_signin_at"),
        )

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_bad(self) -> bool:
        return self.what in (self.What.FAILED, self.What.CODE_FAILED)


class ActivityRule(models.TextChoices):
    """Which rule names the state (feature map 1.5): both are always computed."""

    PAYMENT = "payment", _("Paid in the last days")
    SUBSCRIPTION = "subscription", _("Has a subscription in force")


class Account(models.Model):
    """A business that uses Carteira: the tenant. Owns everything behind its wall."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    slug = models.SlugField(_("address"), unique=True, max_length=50)
    name = models.CharField(_("business name"), max_length=200)
    country = models.CharField(_("country"), max_length=2, default="BR")
    time_zone = models.CharField(_("time zone"), max_length=64, default="America/Sao_Paulo")
    currency = models.CharField(_("currency"), max_length=3, default="BRL")
    language = models.CharField(_("language"), max_length=8, default="pt-br", choices=settings.LANGUAGES)
    activity_rule = models.CharField(
        _("activity rule"), max_length=12, choices=ActivityRule.choices, default=ActivityRule.PAYMENT
    )
    activity_days = models.PositiveSmallIntegerField(
        _("days"), default=60, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # How far its clock is ahead of the machine's: 0, but for the demo, where days may be simulated (core.demo_days).
    hours_ahead = models.PositiveIntegerField(default=0, db_default=0)
    # A closed business: when everything of it is deleted (accounts.close).
    closes_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.name

    def day_of(self, moment: datetime) -> date:
        """The account's local day of a UTC moment."""
        return dates.day_of(moment, self.time_zone)

    def today(self, now: datetime) -> date:
        return self.day_of(now)


class OldSlug(models.Model):
    """An address a business had: leads its members to the present one, and is nobody else's for a while."""

    slug = models.SlugField(unique=True, max_length=50)
    account = models.ForeignKey(Account, models.CASCADE, related_name="old_slugs")
    created_at = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.slug


class Closure(models.Model):
    """That a business was closed: what outlives it, its protocol. So it points to no account."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    account_id = models.UUIDField()
    slug = models.CharField(max_length=50)
    name = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    canceled_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    # Table -> rows that were deleted, and that were counted afterwards.
    deleted = models.JSONField(default=dict)
    left = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account_id"], condition=models.Q(canceled_at=None), name="accounts_closure_once"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What it is called in writing."""
        return f"{self.asked_at:%Y%m%d}-{str(self.pk)[-8:].upper()}"


class Membership(models.Model):
    """A person's place in one account."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=8, choices=Role.choices)
    # Rights given to or taken from this person, whatever the role says (roles.rights_of).
    allowed = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    denied = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    created_at = models.DateTimeField(auto_now_add=True)
    # How this person likes the lists of this business (accounts.tastes): JSON as text, for the row is read by hand.
    tastes = models.TextField(blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = (
            models.UniqueConstraint(fields=["account", "user"], name="accounts_membership_once"),
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(role="owner"), name="accounts_membership_one_owner"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    @property
    def rights(self) -> frozenset[Right]:
        return rights_of(self.role, self.allowed, self.denied)

    def may(self, right: Right | str) -> bool:
        """The one place that answers: role, and what this person was allowed or denied on top."""
        return right in self.rights


class Invitation(Walled):
    """Somebody asked by e-mail to join a business; open until accepted, taken back or expired."""

    email = models.EmailField(_("e-mail"), max_length=254)
    role = models.CharField(_("role"), max_length=8, choices=Role.choices)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # When the mail with its link went out; empty while it waits for the worker or the mail server.
    mailed_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(Walled.Meta):
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="accounts_invitation_open_once",
            ),
        )

    def __str__(self) -> str:
        return self.email

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > now


class Holiday(Walled):
    """A day on which this business does not count as open, beside its country's bank holidays."""

    on = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=100)

    class Meta(Walled.Meta):
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        constraints = (models.UniqueConstraint(fields=["account", "on"], name="accounts_holiday_once"),)

    def __str__(self) -> str:
        return self.name


class AccountCopy(Walled):
    """A copy of all data of the business as one file, asked for by its owner."""

    asked_at = models.DateTimeField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    # A sentence for whoever asked.
    error = models.CharField(max_length=300, blank=True, default="", db_default="")
    file = models.ForeignKey("core.StoredFile", models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta(Walled.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def running(self) -> bool:
        return self.done_at is None and self.failed_at is None
