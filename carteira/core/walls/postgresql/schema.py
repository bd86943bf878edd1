"""Tables of walled models: composite keys, composite foreign keys, forced row security."""

from typing import Any

from django.db import NotSupportedError, models
from django.db.backends.ddl_references import Columns
from django.db.backends.postgresql.schema import DatabaseSchemaEditor as PostgresSchemaEditor

from carteira.core.walls.models import AccountKey, account_key

# Fails closed: without a scope the setting is NULL or '', the comparison is NULL, and no row exists.
_IN_SCOPE = "{column} = NULLIF(current_setting('carteira.account', true), '')::uuid"


class DatabaseSchemaEditor(PostgresSchemaEditor):
    # An inline key can name one column only; without this template Django adds foreign keys by ALTER TABLE,
    # which passes through _create_fk_sql below.
    sql_create_column_inline_fk = None

    # -- whole tables

    def column_sql(self, model: type[models.Model], field: models.Field, include_default: bool = False) -> Any:
        sql, params = super().column_sql(model, field, include_default)
        if sql and field.primary_key and account_key(model):
            sql = sql.replace(" PRIMARY KEY", "")
        return sql, params

    def table_sql(self, model: type[models.Model]) -> Any:
        sql, params = super().table_sql(model)
        if key := account_key(model):
            columns = self._pk_constraint_sql([key.column, model._meta.pk.column])
            name = self.quote_name(self._create_index_name(model._meta.db_table, [], suffix="_pkey"))
            sql = f"{sql.removesuffix(')')}, CONSTRAINT {name} {columns})"
        return sql, params

    def create_model(self, model: type[models.Model]) -> None:
        super().create_model(model)
        if key := account_key(model):
            self._raise_wall(model._meta.db_table, key.column)

    def _raise_wall(self, table: str, column: str) -> None:
        table, in_scope = self.quote_name(table), _IN_SCOPE.format(column=self.quote_name(column))
        self.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        self.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        self.execute(f"CREATE POLICY account_wall ON {table} USING ({in_scope}) WITH CHECK ({in_scope})")
        # Without it the migrating role would validate constraints, migrate data and dump on an empty view.
        self.execute(f"CREATE POLICY owner_sees_all ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")

    # -- the account's own column never moves

    def add_field(self, model: type[models.Model], field: models.Field) -> None:
        if isinstance(field, AccountKey):
            raise NotSupportedError(
                f"{model._meta.label}: a table cannot move behind the walls; make a new one and copy the rows."
            )
        super().add_field(model, field)

    def remove_field(self, model: type[models.Model], field: models.Field) -> None:
        if isinstance(field, AccountKey):
            raise NotSupportedError(f"{model._meta.label}: a table cannot leave the walls by losing its account.")
        super().remove_field(model, field)

    def alter_field(
        self, model: type[models.Model], old_field: models.Field, new_field: models.Field, strict: bool = False
    ) -> None:
        if (isinstance(old_field, AccountKey) or isinstance(new_field, AccountKey)) and (
            type(old_field) is not type(new_field) or old_field.column != new_field.column
        ):
            raise NotSupportedError(f"{model._meta.label}: the account's column can be neither renamed nor retyped.")
        super().alter_field(model, old_field, new_field, strict)

    # -- foreign keys, indexes and constraints begin with the account

    def _create_fk_sql(self, model: type[models.Model], field: models.ForeignKey, suffix: str) -> Any:
        statement = super()._create_fk_sql(model, field, suffix)
        key, target = account_key(model), field.target_field.model
        target_key = account_key(target)
        if key and target_key and not isinstance(field, AccountKey):
            statement.parts["column"] = Columns(model._meta.db_table, [key.column, field.column], self.quote_name)
            statement.parts["to_column"] = Columns(
                target._meta.db_table, [target_key.column, field.target_field.column], self.quote_name
            )
        return statement

    def _create_index_sql(self, model: type[models.Model], *, fields: Any = None, **kwargs: Any) -> Any:
        key = account_key(model)
        # Only the index Django makes for a lone column (db_index, foreign keys); Meta.indexes name theirs in full.
        if key and fields and len(fields) == 1 and fields[0] is not key and not kwargs.get("name"):
            fields = [key, *fields]
        return super()._create_index_sql(model, fields=fields, **kwargs)

    def _create_like_index_sql(self, model: type[models.Model], field: models.Field) -> Any:
        # LIKE is not leakproof, so under row security such an index is never used.
        return None if account_key(model) else super()._create_like_index_sql(model, field)

    def _constraint_names(
        self, model: type[models.Model], column_names: list[str] | None = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        names = super()._constraint_names(model, column_names, *args, **kwargs)
        key = account_key(model)
        if key and column_names and column_names[0] != key.column:
            names += super()._constraint_names(model, [key.column, *column_names], *args, **kwargs)
        return names
