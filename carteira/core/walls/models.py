"""What a model needs to stand behind the walls."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import UUID7

from carteira.core.walls.scope import WrongAccount, current_account_id, require_account_id


class AccountKey(models.ForeignKey):
    """The account a row belongs to. Having this field is what puts a table behind the walls.

    A field class of its own, so that migrations (whose historical models have no base class) still know it.
    Filled from the open scope when a row is inserted; another account's value raises WrongAccount.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The business model lives one floor above, so it is named by a setting, as Django names the user model.
        kwargs.setdefault("to", settings.ACCOUNT_MODEL)
        kwargs.setdefault("on_delete", models.PROTECT)
        kwargs.setdefault("related_name", "+")
        # The primary key and every index begin with this column: an index of its own would never be used.
        kwargs.setdefault("db_index", False)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        if value is None:
            value = require_account_id()
            setattr(model_instance, self.attname, value)
        elif value != current_account_id():
            raise WrongAccount(
                f"{model_instance._meta.label} of account {value} written in the scope of {current_account_id()}."
            )
        return value


class WalledQuerySet(models.QuerySet):
    """Querysets of walled models. Rooms subclass it for their own reading."""


class WalledManager(models.Manager.from_queryset(WalledQuerySet)):  # type: ignore[misc]
    """Adds the open scope's account to every query, so that indexes (which begin with it) are used.

    Outside a scope it adds nothing: the execute wrapper refuses such a query when it runs.
    """

    def get_queryset(self) -> models.QuerySet:
        queryset = super().get_queryset()
        account_id = current_account_id()
        return queryset if account_id is None else queryset.filter(account_id=account_id)


def walled_manager(queryset_class: type[WalledQuerySet]) -> WalledManager:
    """The manager of a room's own queryset class: `objects = walled_manager(CustomerQuerySet)`."""
    return WalledManager.from_queryset(queryset_class)()


class Walled(models.Model):
    """Base of every table with account data: key (account_id, id), ids made by the database in time order."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    account = AccountKey()

    objects = WalledManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"


def account_key(model: type[models.Model]) -> AccountKey | None:
    """The model's AccountKey field, or None when its table stands outside the walls. Works on migration models."""
    for field in model._meta.local_fields:
        if isinstance(field, AccountKey):
            return field
    return None
