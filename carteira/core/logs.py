"""The form of a log line: UTC, one line where possible, and never what a customer's row holds."""

import logging
import re
import time

# PostgreSQL quotes the offending row or value in these parts of an error.
_QUOTES = re.compile(r"^(DETAIL|CONTEXT|HINT|LINE \d+):.*(\n[^\n]*\^$)?$", re.MULTILINE)


class Formatter(logging.Formatter):
    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def formatException(self, ei: object) -> str:
        return re.sub(r"\n{2,}", "\n", _QUOTES.sub("", super().formatException(ei))).strip()  # type: ignore[arg-type]
