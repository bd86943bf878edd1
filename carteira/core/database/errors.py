"""Errors of the database's keeper. Each message is one sentence for the person at the terminal, without
secrets."""


class KeeperError(RuntimeError):
    """The embedded server cannot be made, started, reached or stopped."""


class DatabaseSettingsError(KeeperError):
    """CARTEIRA_HOME or one of the DATABASE_* variables cannot be used as it stands."""
