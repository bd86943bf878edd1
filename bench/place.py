"""Where the benchmark keeps its data: a home of its own, chosen before Django reads its settings."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def prepare() -> Path:
    """Point the program at the benchmark's home and load it; the home. BENCH_HOME says another one."""
    given = os.environ.get("BENCH_HOME")
    usual = Path("/var/lib/carteira-bench") if os.geteuid() == 0 else ROOT / "var" / "bench"
    home = Path(given).absolute() if given else usual
    os.environ["CARTEIRA_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "carteira.config.settings"
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_WORKER_URL", "EMAIL_URL", "HTTPS"):
        os.environ.pop(name, None)
    import django

    django.setup()
    return home
