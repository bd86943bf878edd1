"""The process that touches the file: standard input is the file, standard output the frames of `wire.py`.

It starts with an empty environment and without site-packages (`reader.py` has the command line), gives itself
limits before it reads the first byte, and says everything it has to say in a frame. When it cannot even do
that, its exit status says why. No Django here and in whatever is imported from here.
"""

import gc
import json
import os
import resource
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from . import csv_rows, detect, vcard_rows, wire
from .csv_rows import Batch, Table
from .problems import Problem

OUT_OF_MEMORY = 71
MOST_ROWS = 2000  # in a batch


def main(given: str) -> None:
    """`given` is a JSON object with the fields of `reader.Limits`."""
    limits = json.loads(given)
    out = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not end up between the frames
    restrict(limits)
    try:
        with open(0, "rb", closefd=False) as file:
            _tell(file, limits, out)
    except BrokenPipeError:
        return  # the reader has seen enough
    except Problem as problem:
        _send(out, ["error", problem.code, problem.params, problem.line, problem.column])
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001 - whatever a file does to a parser becomes a sentence
        _send(out, ["error", "unreadable_content", {"what": type(error).__name__}, None, None])


def restrict(limits: dict[str, Any]) -> None:
    """No more memory, processor time and open files than allowed; no writing of files, no core dumps."""
    gc.disable()  # rows hold no cycles; walking them over and over costs a third of the time
    sys.dont_write_bytecode = True
    cpu = limits["cpu_seconds"]
    for which, most in (
        (resource.RLIMIT_AS, (limits["memory_bytes"], limits["memory_bytes"])),
        (resource.RLIMIT_CPU, (cpu, cpu + 1)),
        (resource.RLIMIT_NOFILE, (24, 24)),
        (resource.RLIMIT_FSIZE, (0, 0)),
        (resource.RLIMIT_CORE, (0, 0)),
    ):
        soft, hard = most
        allowed = resource.getrlimit(which)[1]
        if allowed != resource.RLIM_INFINITY:  # whoever started us may have set less already
            soft, hard = min(soft, allowed), min(hard, allowed)
        resource.setrlimit(which, (soft, hard))


def open_table(file: BinaryIO, limits: dict[str, Any]) -> Table:
    """Whatever kind of file it is. Raises `Problem`."""
    size = os.fstat(file.fileno()).st_size
    head = file.read(detect.HEAD)
    kind = detect.kind_of(head)
    if kind == "text" and vcard_rows.is_vcard(head):
        return vcard_rows.open_vcard(file, size)
    if kind == "compound":
        raise Problem("encrypted" if detect.is_encrypted_compound(file) else "xls")
    if kind == "zip":
        from .workbook import open_workbook

        return open_workbook(
            file,
            size,
            columns=limits["columns"],
            unpacked=limits["unpacked_bytes"],
            ratio=limits["ratio"],
            memory=limits["memory_bytes"],
        )
    return csv_rows.open_text(file, size, columns=limits["columns"])


def _tell(file: BinaryIO, limits: dict[str, Any], out: int) -> None:
    table = open_table(file, limits)
    first = next(table.batches, (Batch(), 100))
    _refuse_unnamed(first[0])
    head = {
        "kind": table.kind,
        "header": table.header.names,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "worksheet": table.worksheet,
        "other_worksheets": table.other_worksheets,
    }
    _send(out, ["head", head])
    rows = 0
    for batch, percent in _all(first, table.batches):
        for part in _parts(batch):
            rows += len(part)
            lines: Any = part.lines
            if lines and lines[-1] - lines[0] == len(lines) - 1:
                lines = lines[0]
            _send(out, ["rows", lines, part.rows, part.bad, percent])
    _send(out, ["end", rows])


def _refuse_unnamed(batch: Batch) -> None:
    """Data under a blank name among the first rows: the file is meant to have that column, so it is refused
    as a whole.
    """
    for _, line, code, params, _ in batch.bad:
        if code == "unnamed_column":
            raise Problem("missing_header", line=line, **params)


def _all(first: tuple[Batch, int], others: Iterator[tuple[Batch, int]]) -> Iterator[tuple[Batch, int]]:
    yield first
    yield from others


def _parts(batch: Batch) -> Iterator[Batch]:
    """The batch in pieces of at most `MOST_ROWS`, bad lines in their places."""
    if len(batch) <= MOST_ROWS:
        if len(batch):
            yield batch
        return
    bad = iter(batch.bad)
    next_bad = next(bad, None)
    at = row = 0
    while at < len(batch):
        part = Batch()
        stop = min(at + MOST_ROWS, len(batch))
        while next_bad and next_bad[0] < stop:
            part.bad.append([next_bad[0] - at, *next_bad[1:]])
            next_bad = next(bad, None)
        rows = stop - at - len(part.bad)
        part.lines = batch.lines[row : row + rows]
        part.rows = batch.rows[row : row + rows]
        at, row = stop, row + rows
        yield part


def _send(out: int, frame: list[Any]) -> None:
    data = memoryview(wire.pack(frame))
    while data:
        data = data[os.write(out, data) :]
