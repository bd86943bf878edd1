"""The process that touches the file: its limits, its solitude, and what the parent says when it dies."""

import json
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from carteira.core.sheets import reader, wire
from carteira.core.sheets.reader import Limits, SheetError, open_sheet

LINUX = pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="needs /proc")


@pytest.fixture
def long_file(write) -> Path:
    """Longer than what fits into the pipe, so that the child waits for its reader."""
    return write("a.csv", "n,m\n" + "Ana,1234567890\n" * 500_000)


def rest(sheet) -> int:
    return sum(len(batch) for batch in sheet)


def test_neither_django_nor_site_packages():
    """The child imports nothing of ours but this package, and nothing of others but the parser, when it is
    needed.
    """
    code = "import sys; sys.path += sys.argv[1:3]; import sheets.child, sheets.workbook; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, *reader._import_paths()],
        capture_output=True,
        text=True,
        check=True,
    )
    modules = done.stdout.split()
    assert not [name for name in modules if name.split(".")[0] in {"django", "carteira", "python_calamine", "site"}]
    assert len(modules) < 150


@LINUX
def test_limits_environment_and_place(long_file, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "do not hand this on")
    with open_sheet(long_file, limits=Limits(memory_bytes=300_000_000, cpu_seconds=7)) as sheet:
        process = Path(f"/proc/{sheet._child.pid}")
        limits = {line[:25].strip(): line[26:47].strip() for line in (process / "limits").read_text().splitlines()}
        assert limits["Max address space"] == "300000000"
        assert limits["Max cpu time"] == "7"
        assert limits["Max file size"] == "0"
        assert limits["Max core file size"] == "0"
        assert int(limits["Max open files"]) <= 24
        assert b"SECRET" not in (process / "environ").read_bytes()
        assert os.readlink(process / "cwd") == "/"
        assert len(os.listdir(process / "fd")) <= 5
        assert os.getsid(sheet._child.pid) != os.getsid(0)


def test_starts_quickly(write):
    path = write("a.csv", "nome,x\nAna,1\n")
    times = []
    for _ in range(5):
        started = time.monotonic()
        with open_sheet(path) as sheet:
            assert rest(sheet) == 1
        times.append(time.monotonic() - started)
    assert min(times) < 0.5


def test_closing_early_ends_the_child(long_file):
    with open_sheet(long_file) as sheet:
        assert next(iter(sheet))
        child = sheet._child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    sheet.close()
    assert list(sheet) == []


def test_an_error_on_the_way_ends_the_child_too(long_file):
    child = 0

    def import_it() -> None:
        nonlocal child
        with open_sheet(long_file) as sheet:
            child = sheet._child.pid
            raise RuntimeError

    with pytest.raises(RuntimeError):
        import_it()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGKILL, "killed"),
        (signal.SIGTERM, "killed"),
        (signal.SIGABRT, "memory"),
        (signal.SIGXCPU, "cpu"),
        (signal.SIGSEGV, "crashed"),
    ],
)
def test_a_child_that_dies_on_the_way(long_file, number, code):
    """Rows that came are rows; the file is never taken for complete."""
    with open_sheet(long_file) as sheet:
        rows = iter(sheet)
        next(rows)
        os.kill(sheet._child.pid, number)
        with pytest.raises(SheetError) as caught:
            for _ in rows:
                pass
        assert caught.value.code == code
        assert list(sheet) == []


def test_a_child_that_falls_silent(long_file):
    with open_sheet(long_file, limits=Limits(silence_seconds=1)) as sheet:
        os.kill(sheet._child.pid, signal.SIGSTOP)
        with pytest.raises(SheetError) as caught:
            rest(sheet)
        assert caught.value.code == "silent"


def framed(*frames: object) -> bytes:
    return b"".join(len(p).to_bytes(4) + p for p in (json.dumps(frame).encode() for frame in frames))


HEAD = [
    "head",
    {
        "kind": "csv",
        "header": ["a"],
        "encoding": "x",
        "delimiter": ",",
        "worksheet": None,
        "other_worksheets": [],
    },
]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\0",
        b"\xff" * 100,
        b"\0\0\0\x02ok",
        framed([]),
        framed({}),
        framed(1),
        framed(["head", {}]),
        framed(["end", 0]),
        framed(["error", "no such code", {}, None, None]),
        framed(["error"]),
        b"\0\0\x03\xe8" + b"[" * 1000,
        b"\0\1\x86\xa0" + b"[" * 100_000,
        framed(HEAD),
        framed(HEAD, ["rows", 1, [["x"]]]),
        framed(HEAD, ["rows", [1, 2], [["x"]], [], 0]),
        framed(HEAD, ["rows", 1, [["x"]], [[0, 1]], 0]),
        framed(HEAD, ["what"]),
        framed(HEAD, ["rows", 1, [[{"$on": "nonsense"}]], [], 0]),
        framed(HEAD, ["rows", 1, [["x"]], [], 0]) + b"\0\0\0\x0512",
        framed(HEAD)[:-3],
        b"\0\0\0\x03NaN",
    ],
)
def test_whatever_a_subverted_child_says_is_a_sentence_at_worst(write, monkeypatch, said):
    code = (
        f"import sys; sys.stdout.buffer.write({said!r})"
        if len(said) < 5000
        else "print('\\0\\1\\x86\\xa0' + '[' * 100000)"
    )
    monkeypatch.setattr(reader, "_START", code)
    with pytest.raises(SheetError) as caught, open_sheet(write("a.csv", "a\n")) as sheet:
        rest(sheet)
    assert caught.value.code == "crashed"


def test_frames_carry_no_float():
    frame = wire.unpack(wire.pack(["rows", 1, [[0.1, 1.5, 3, True, None, "é"]], [], 0])[4:])
    assert frame[2] == [[Decimal("0.1"), Decimal("1.5"), 3, True, None, "é"]]
    assert not any(isinstance(cell, float) for cell in frame[2][0])
    with pytest.raises(ValueError, match="frame too large"):
        wire.pack(["x" * (wire.MAX_FRAME + 1)])
