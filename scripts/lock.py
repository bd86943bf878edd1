"""Renew requirements.lock and requirements-dev.lock: the newest versions pyproject.toml allows, with hashes."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import setup

COMMON = ["--universal", "--generate-hashes", "--no-emit-index-url", "--no-header", "-q", "pyproject.toml"]


def main() -> None:
    uv = [str(setup.uv()), "pip", "compile", "--python", str(setup.VENV / "bin" / "python"), *COMMON]
    subprocess.run([*uv, "-U", "-o", "requirements.lock"], cwd=setup.ROOT, check=True)
    development = ["--extra", "dev", "-c", "requirements.lock", "-U", "-o", "requirements-dev.lock"]
    subprocess.run([*uv, *development], cwd=setup.ROOT, check=True)


if __name__ == "__main__":
    main()
