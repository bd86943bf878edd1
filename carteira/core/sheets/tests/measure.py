"""Prints speed and memory of reading, through the child.

Run: .venv/bin/python -m carteira.core.sheets.tests.measure [rows]
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from carteira.core.sheets.reader import open_sheet


def _csv(path: Path, rows: int, row: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("customer_id,paid_on,amount\n")
        file.writelines(row.format(at, at % 28 + 1, at % 1000, at % 100) for at in range(rows))


def _xlsx(path: Path, rows: int) -> None:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [f"coluna {at}" for at in range(8)])
    for at in range(1, rows + 1):
        cells = (
            f"Cliente {at}",
            f"a{at}@example.com",
            at,
            at * 1.37,
            "São Paulo",
            "Rua das Flores 12",
            f"+55 11 9{at:08d}",
            44_000,
        )
        sheet.write_row(at, 0, cells)
    book.close()


def _files(folder: Path, rows: int) -> Iterator[tuple[str, Path]]:
    _csv(path := folder / "short.csv", rows, "{:07d},2024-01-{:02d},{}.{:02d}\n")
    yield "CSV, 3 short columns", path
    _csv(path := folder / "quoted.csv", rows, '"{:07d}","2024-01-{:02d}","{}\n{:02d}"\n')
    yield "CSV, quoted, with newlines", path
    _csv(path := folder / "bad.csv", rows, "{:07d},2024-01-{:02d},{},{:02d}\n")
    yield "CSV, every line bad", path
    _xlsx(path := folder / "a.xlsx", rows // 10)
    yield "XLSX, 8 columns", path


def _cpu() -> tuple[float, float]:
    """Processor seconds of (ended children, this process) so far."""
    return tuple(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
    )


def _peak(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM")), 0.0)


def main(rows: int) -> None:
    """A line per kind of file. Where the machine is busy, look at the processor seconds."""
    with tempfile.TemporaryDirectory() as folder:
        for what, path in _files(Path(folder), rows):
            before = _cpu()
            started = time.perf_counter()
            with open_sheet(path) as sheet:
                child = sheet._child.pid if sheet._child else 0
                opened = time.perf_counter() - started
                found, peak = 0, 0.0
                for at, batch in enumerate(sheet):
                    found += len(batch)
                    if at % 50 == 0:
                        peak = max(peak, _peak(child))
            took = time.perf_counter() - started
            child_cpu, own_cpu = (after - then for after, then in zip(_cpu(), before, strict=True))
            print(
                f"{what:28} {path.stat().st_size / 1e6:6.1f} MB {found:9,} rows {took:6.2f} s"
                f" {found / took:10,.0f} rows/s"
                f"   opened after {opened:.2f} s; processor: child {child_cpu:.2f} s, parent {own_cpu:.2f} s;"
                f" child's peak {peak:.0f} MB"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
