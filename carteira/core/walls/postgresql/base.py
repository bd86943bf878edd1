"""ENGINE = "carteira.core.walls.postgresql"."""

from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.features import DatabaseFeatures as PostgresFeatures
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresOperations

from carteira.core.walls.guard import guard
from carteira.core.walls.postgresql.creation import DatabaseCreation
from carteira.core.walls.roles import as_owner


class DatabaseFeatures(PostgresFeatures):
    # The key of a walled table is (account_id, id), so the other columns do not depend on id alone:
    # PostgreSQL refuses "GROUP BY id" with them selected, and annotate(Count(...)) would fail.
    allows_group_by_selected_pks = False


class DatabaseOperations(PostgresOperations):
    def execute_sql_flush(self, sql_list: list[str]) -> None:
        # Tests alone flush; the serving role may not TRUNCATE.
        with as_owner(self.connection):
            super().execute_sql_flush(sql_list)


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
    creation_class = DatabaseCreation

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(guard)

    @property
    def SchemaEditorClass(self) -> Any:
        # Late: the editor knows model fields, and this module loads before any model may.
        from carteira.core.walls.postgresql.schema import DatabaseSchemaEditor

        return DatabaseSchemaEditor
