"""System checks: what a walled model may not have, because the walls would have a hole or a table could not shard."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import Error, register
from django.db import models
from django.db.models.deletion import DatabaseOnDelete

from carteira.core.walls.models import AccountKey, WalledManager, account_key


@register("walls")
def check_walls(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    found: list[Error] = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            found += check_model(model)
    return found


def check_model(model: type[models.Model]) -> list[Error]:
    problems = _walled(model) if account_key(model) else _outside(model)
    return [Error(text, obj=model, id=f"walls.E{number:03}") for number, text in problems]


def _outside(model: type[models.Model]) -> Iterator[tuple[int, str]]:
    for field in model._meta.local_fields:
        target = field.remote_field and field.remote_field.model
        if target and account_key(target):
            yield 1, f"{field.name} points behind the walls from a table outside them."


def _walled(model: type[models.Model]) -> Iterator[tuple[int, str]]:
    options = model._meta
    if not isinstance(options.base_manager, WalledManager) or not isinstance(options.default_manager, WalledManager):
        yield 2, "its managers must add the account: let its Meta inherit Walled.Meta."
    if sum(isinstance(field, AccountKey) for field in options.local_fields) > 1:
        yield 3, "it has more than one account."
    for field in options.local_many_to_many:
        if field.remote_field.through._meta.auto_created:
            yield 4, f"{field.name} makes a table without an account: name a walled model as its through."
    for field in options.local_fields:
        if isinstance(field, models.OneToOneField):
            yield 5, f"{field.name} is unique across accounts: use a foreign key and a constraint with the account."
        elif field.unique and not field.primary_key:
            yield 6, f"{field.name} is unique across accounts: use a constraint that begins with the account."
        if field.remote_field and isinstance(field.remote_field.on_delete, DatabaseOnDelete):
            yield 7, f"{field.name} deletes by the database, which a sharded table cannot."
    if options.unique_together:
        yield 8, "unique_together: use a constraint that begins with the account."
    key = account_key(model)
    for item in (*options.indexes, *options.constraints):
        if isinstance(item, models.CheckConstraint):
            continue
        names = [name.removeprefix("-") for name in getattr(item, "fields", ())]
        if not names or names[0] != (key and key.name):
            yield 9, f"{item.name} does not begin with the account."
