"""Small tools around PostgreSQL's client programs and their pipes."""

import contextlib
import subprocess
import threading
import zipfile
from typing import IO

from carteira.core.database.archive import PIECE


class Feeder(threading.Thread):
    """Copies ``source`` into a program's standard input while somebody else reads its output."""

    def __init__(self, source: IO[bytes], target: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._source, self._target = source, target
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            with self._target:
                while piece := self._source.read(PIECE):
                    self._target.write(piece)
        except BrokenPipeError:
            return  # the program ended first; its own words tell why
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            self.failure = error


def end(process: "subprocess.Popen[bytes]") -> int:
    """Make sure the program is gone, and return its exit status; killed if it has not ended by itself."""
    try:
        return process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def last_words(complaints: IO[bytes]) -> str:
    """Return the first error a program wrote, else its last line."""
    complaints.seek(0)
    lines = [line.strip() for line in complaints.read().decode(errors="replace").splitlines() if line.strip()]
    serious = [line for line in lines if "error:" in line.lower() or "ERROR:" in line]
    return (serious or lines[-1:] or ["it gave no reason"])[0]


def one_line(error: Exception) -> str:
    """Return a server's or libpq's message without its line breaks and final stop."""
    return " ".join(str(error).split()).rstrip(".")


def close_quietly(pipe: IO[bytes] | None) -> None:
    """Close a pipe whose reader may be gone already."""
    if pipe is not None:
        with contextlib.suppress(BrokenPipeError):
            pipe.close()
