"""Opens any CSV, XLSX, ODS or vCard file and gives its rows in batches; a limited child process does the reading.

Cells of a CSV are text, or None for a blank one. Cells of a spreadsheet are what the cell *is*:

    text        str, also for "1,234" or "01/02/2024" typed as text, and for "#N/A" of a failed formula
    number      int without a fraction (also 1234.00), else Decimal with at most 15 digits, as shown
    date        datetime.date; datetime.datetime (no zone) with a time of day that is not midnight
    time, span  datetime.time, datetime.timedelta
    yes/no      bool
    blank       None

So a parser that gets `str` must still judge what was meant and may refuse it; everything else is certain.
"""

import contextlib
import fcntl
import functools
import importlib.util
import json
import os
import select
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from . import wire
from .errors import BadLine, SheetError
from .problems import megabytes

__all__ = ["BadLine", "Limits", "Row", "Sheet", "SheetError", "open_sheet"]

type Row = tuple[int, list[Any]]
"""(line as a person counts it in the file or sheet, from 1, where the record begins; cells, as many as
`Sheet.header`).
"""

_START = "import sys; sys.path += sys.argv[1:3]; from sheets.child import main; main(sys.argv[3])"
_PIPE = 1 << 20
_OUT_OF_MEMORY = 71  # child.OUT_OF_MEMORY
_DEATHS = {
    _OUT_OF_MEMORY: "memory",
    -signal.SIGABRT: "memory",  # the spreadsheet parser ends like that when it gets no memory
    -signal.SIGXCPU: "cpu",
    -signal.SIGKILL: "killed",
    -signal.SIGTERM: "killed",
}


@dataclass(frozen=True)
class Limits:
    """How much a file may cost. Bytes unless the name says otherwise."""

    file_bytes: int = 200_000_000
    unpacked_bytes: int = 500_000_000
    ratio: int = 200
    """Unpacked to packed; counts from 50 MB unpacked."""
    columns: int = 500
    memory_bytes: int = 1 << 30
    cpu_seconds: int = 120
    silence_seconds: int = 180
    """Of waiting for the child in one go; its processor time is limited anyhow."""


def open_sheet(path: str | os.PathLike[str], *, name: str | None = None, limits: Limits = Limits()) -> "Sheet":
    """The file as a `Sheet`, to be used with `with`. `name` is what the person calls the file (default: its
    own name).

    What the file is follows from its content, never from its name. Raises `SheetError` here for whatever
    concerns the file as a whole; while iterating only when the child dies on the way. Source: issue "Bad
    input and faults"; reliability 2.5.
    """
    sheet = Sheet(Path(path), name or Path(path).name, limits)
    try:
        sheet._start()
    except BaseException:
        sheet.close()
        raise
    return sheet


class Sheet:
    """An open file. Iterating yields, once and in file order, lists of at most 2,000 rows `(line, cells)`,
    with a `BadLine` in the place of each line that is no row.
    """

    kind: str
    """`csv`, `xlsx`, `ods` or `vcf`."""
    header: list[str]
    """Trimmed names; "" stays for a column without name and without data."""
    encoding: str | None
    """Python's name of it, for CSV: utf-8, utf-8-sig (with BOM), utf-16, cp1252."""
    delimiter: str | None
    worksheet: str | None
    """The worksheet read (the first visible one that holds something) and the other visible ones, for XLSX
    and ODS.
    """
    other_worksheets: list[str]

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        self.name = name
        self.progress = 0
        """How far the child has read, in percent."""
        self._path = path
        self._limits = limits
        self._child: subprocess.Popen[bytes] | None = None
        self._ahead: list[list[Row | BadLine]] = []
        self._done = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the child, however far it is, and gives no more rows. May be called twice."""
        self._end()
        self._ahead.clear()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child:
            child.kill()
            if child.stdout:
                child.stdout.close()
            child.wait()
        self._done = True

    def __iter__(self) -> Iterator[list[Row | BadLine]]:
        while self._ahead:
            yield self._ahead.pop(0)
        while (batch := self._next_batch()) is not None:
            yield batch

    def sample(self, n: int) -> list[Row | BadLine]:
        """The first `n` rows and bad lines (those not yet iterated over), for previews. Iterating still gives
        them.
        """
        found = sum(map(len, self._ahead))
        while found < n and (batch := self._next_batch()) is not None:
            self._ahead.append(batch)
            found += len(batch)
        return [item for batch in self._ahead for item in batch][:n]

    def _start(self) -> None:
        file = _open_file(self._path, self._limits)
        try:
            self._child = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-S",
                    "-c",
                    _START,
                    *_import_paths(),
                    json.dumps(asdict(self._limits)),
                ],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={key: os.environ[key] for key in ("LD_LIBRARY_PATH",) if key in os.environ},
                start_new_session=True,
            )
        finally:
            os.close(file)
        assert self._child.stdout
        _widen(self._child.stdout.fileno())
        self._poll = select.poll()
        self._poll.register(self._child.stdout, select.POLLIN)
        frame = self._frame()
        with _nonsense_is_a_crash():
            for key in ("kind", "header", "encoding", "delimiter", "worksheet", "other_worksheets"):
                setattr(self, key, frame[1][key])

    def _next_batch(self) -> list[Row | BadLine] | None:
        if self._done:
            return None
        try:
            frame = self._frame()
            if frame[0] == "end":
                self.progress = 100
                self._end()
                return None
            with _nonsense_is_a_crash():
                _, lines, rows, bad, self.progress = frame
                if isinstance(lines, int):
                    lines = range(lines, lines + len(rows))
                batch: list[Row | BadLine] = list(zip(lines, rows, strict=True))
                for at, line, code, params, cells in bad:
                    batch.insert(at, BadLine(line, code, cells, params))
        except SheetError:
            self._end()
            raise
        return batch

    def _frame(self) -> Any:
        with _nonsense_is_a_crash():
            size = int.from_bytes(self._exactly(4))
            if size > wire.MAX_FRAME:
                raise ValueError("frame too large")
            frame = wire.unpack(self._exactly(size))
            if frame[0] == "error":
                _, code, params, line, column = frame
                raise SheetError(code, line=line, column=column, **params)
            return frame

    def _exactly(self, size: int) -> bytes:
        """So many bytes from the child. `SheetError` when it dies or falls silent."""
        assert self._child
        assert self._child.stdout
        pieces = []
        while size:
            if not self._poll.poll(self._limits.silence_seconds * 1000):
                raise SheetError("silent")
            piece = os.read(self._child.stdout.fileno(), min(size, _PIPE))
            if not piece:
                raise self._death()
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _death(self) -> SheetError:
        """Why the child ended without saying so."""
        assert self._child
        try:
            status = self._child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return SheetError("crashed")
        return SheetError(_DEATHS.get(status, "crashed"))


@contextlib.contextmanager
def _nonsense_is_a_crash() -> Iterator[None]:
    """What is no frame of ours comes from a child that is not itself any more."""
    try:
        yield
    except (ValueError, TypeError, LookupError) as error:
        raise SheetError("crashed") from error


def _open_file(path: Path, limits: Limits) -> int:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # opening a FIFO would wait for a writer otherwise
    except FileNotFoundError as error:
        raise SheetError("not_found") from error
    except OSError as error:
        raise SheetError("unreadable") from error
    code = ""
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode):
        code = "not_a_file"
    elif not status.st_size:
        code = "empty"
    elif status.st_size > limits.file_bytes:
        code = "too_large"
    if code:
        os.close(file)
        sizes = {"size": megabytes(status.st_size), "limit": megabytes(limits.file_bytes)}
        raise SheetError(code, **(sizes if code == "too_large" else {}))
    return file


@functools.cache
def _import_paths() -> tuple[str, str]:
    """Where the child finds this package (without its parents) and the spreadsheet parser; it has no
    site-packages.
    """
    parser = importlib.util.find_spec("python_calamine")
    assert parser
    assert parser.origin
    return str(Path(__file__).resolve().parents[1]), str(Path(parser.origin).resolve().parents[1])


def _widen(pipe: int) -> None:
    """A roomier pipe lets both processes work at the same time, where the system has that and allows it."""
    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
    except (AttributeError, OSError):
        return
