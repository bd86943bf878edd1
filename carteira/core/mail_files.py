"""Mails kept as files, where no mail server is told of: their links open accounts, so only this user reads them."""

import os
from pathlib import Path
from typing import Any

from django.core.mail.backends import filebased


class EmailBackend(filebased.EmailBackend):
    def __init__(self, *, file_path: str, **options: Any) -> None:
        folder = Path(file_path)
        folder.mkdir(parents=True, exist_ok=True)
        # Also a folder that an earlier version or a careless hand left open. Unlike the home, nobody passes through.
        folder.chmod(0o700)
        super().__init__(file_path=file_path, **options)

    def open(self) -> bool:
        if self.stream is not None:
            return False
        self.stream = os.fdopen(os.open(self._get_filename(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
        return True
