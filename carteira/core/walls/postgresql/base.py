"""ENGINE = "carteira.core.walls.postgresql"."""

from typing import Any

from django.db import transaction
from django.db.backends.postgresql import base
from django.db.backends.postgresql.features import DatabaseFeatures as PostgresFeatures
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresOperations

from carteira.core.walls.guard import guard
from carteira.core.walls.postgresql.creation import DatabaseCreation
from carteira.core.walls.roles import as_owner

# Rows of one table that are deleted rather than truncated.
FEW = 2_000


class DatabaseFeatures(PostgresFeatures):
    # The key of a walled table is (account_id, id), so the other columns do not depend on id alone:
    # PostgreSQL refuses "GROUP BY id" with them selected, and annotate(Count(...)) would fail.
    allows_group_by_selected_pks = False


class DatabaseOperations(PostgresOperations):
    def execute_sql_flush(self, sql_list: list[str]) -> None:
        # Tests alone flush; the serving role may not TRUNCATE. Few rows are deleted in a fraction of the time in which all
        # tables, with all their indexes, are made anew.
        with as_owner(self.connection):
            counts = self._rows_up_to(FEW + 1)
            if max(counts.values(), default=0) > FEW:
                super().execute_sql_flush(sql_list)
                return
            with transaction.atomic(self.connection.alias), self.connection.cursor() as cursor:
                # Foreign keys are checked at the end, when all is gone.
                for table, count in counts.items():
                    if count:
                        cursor.execute(f"DELETE FROM {self.quote_name(table)}")

    def _rows_up_to(self, most: int) -> dict[str, int]:
        """Of each table, but for those that Django fills with the same again after every flush."""
        tables = self.connection.introspection.django_table_names(only_existing=True, include_views=False)
        tables = sorted(set(tables) - {"django_content_type", "auth_permission"})
        parts = (f"SELECT count(*) FROM (SELECT FROM {self.quote_name(table)} LIMIT {most}) few" for table in tables)
        with self.connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts))
            return dict(zip(tables, (count for (count,) in cursor.fetchall()), strict=True))


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
