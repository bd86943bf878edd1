"""Migration operations for walled tables."""

from typing import Any

from django.conf import settings
from django.db.migrations.operations.base import Operation

from carteira.core.walls.models import account_key


class AppendOnly(Operation):
    """Take UPDATE and DELETE on a table away from the serving role, but for UPDATE of the columns named.

    Payments and events are facts: a bug, an injection or a person with the program's password cannot rewrite them.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str, except_columns: tuple[str, ...] = ()) -> None:
        self.model_name, self.except_columns = model_name, except_columns

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Grants are no part of Django's model state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table, app = self._names(app_label, schema_editor, to_state)
        schema_editor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {app}")
        if self.except_columns:
            columns = ", ".join(schema_editor.quote_name(column) for column in self.except_columns)
            schema_editor.execute(f"GRANT UPDATE ({columns}) ON {table} TO {app}")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table, app = self._names(app_label, schema_editor, from_state)
        schema_editor.execute(f"GRANT UPDATE, DELETE ON {table} TO {app}")

    def _names(self, app_label: str, schema_editor: Any, state: Any) -> tuple[str, str]:
        model = state.apps.get_model(app_label, self.model_name)
        assert account_key(model), f"{model._meta.label} is not walled"
        return (
            schema_editor.quote_name(model._meta.db_table),
            schema_editor.quote_name(settings.DATABASE_APP_ROLE),
        )

    def describe(self) -> str:
        return f"Make {self.model_name} append-only for the serving role"
