"""What the child process says when a file cannot be read. Plain Python: the child knows no Django and no
languages.
"""

from typing import Any


class Problem(Exception):
    """The file as a whole cannot be read. `code` is a key of `errors.FILE_MESSAGES`, `params` fill its
    sentence.
    """

    def __init__(self, code: str, *, line: int | None = None, column: int | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.column = column
        self.params = params


def megabytes(size: int) -> int:
    """Bytes as whole megabytes, rounded up, for sentences."""
    return -(-size // 1_000_000)
