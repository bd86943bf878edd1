"""The walls between accounts: see README.md. Models that live behind them: core.walls.models."""

from carteira.core.walls.scope import NoAccountScope, WrongAccount, current_account_id, scope

__all__ = ["NoAccountScope", "WrongAccount", "current_account_id", "scope"]
