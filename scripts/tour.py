"""A picture of every screen into build/tour/, desktop and phone, light and dark, from a program filled with the demo.

python scripts/tour.py [--port 8000] [name …]     of one that already runs; only these screens
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import chromium  # noqa: E402
from tests.browser.screens import SIGNED_IN, SIGNED_OUT, find_ids  # noqa: E402
from tests.processes import Program  # noqa: E402

OUT = ROOT / "build" / "tour"


def take(url: str, names: list[str]) -> int:
    taken = 0
    with chromium.browser() as browser:
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                out = chromium.new_page(browser, url, width=width, scheme=scheme)
                inside = chromium.new_page(browser, url, width=width, scheme=scheme)
                chromium.sign_in(inside)
                ids = find_ids(inside)
                for page, screens in ((out, SIGNED_OUT), (inside, SIGNED_IN)):
                    for name, path in screens.items():
                        if names and name not in names:
                            continue
                        page.goto(path.format(**ids))
                        page.screenshot(path=OUT / f"{name}-{width}-{scheme}.png", full_page=False)
                        taken += 1
    return taken


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int)
    options.add_argument("names", nargs="*")
    chosen = options.parse_args()
    if chromium.PATH is None:
        print("There is no Chromium on this machine.", file=sys.stderr)
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    if chosen.port:
        taken = take(f"http://127.0.0.1:{chosen.port}", chosen.names)
    else:
        with Program.in_new_home() as program:
            program.start("--demo")
            taken = take(program.url, chosen.names)
            program.stop()
    print(f"{taken} pictures in {OUT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
