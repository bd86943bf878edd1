"""Where this installation keeps its data.

One folder holds everything that must survive: ``database/`` (the embedded server, its passwords and locks)
and ``files/`` (uploads). Nothing here imports Django: settings import this module.
"""

import os
from pathlib import Path

ROOT_HOME = Path("/var/lib/carteira")
_PROJECT = Path(__file__).resolve().parents[3]


def home() -> Path:
    """Return the absolute data folder; it need not exist yet.

    CARTEIRA_HOME wins. Without it root gets /var/lib/carteira (a system user must be able to enter it, which
    a checkout below /root does not allow) and everybody else ``var`` beside the code, or below the current
    folder when the program is installed without its checkout.
    """
    given = os.environ.get("CARTEIRA_HOME", "").strip()
    if given:
        return Path(os.path.abspath(os.path.expanduser(given)))
    if os.geteuid() == 0:
        return ROOT_HOME
    base = _PROJECT if (_PROJECT / "pyproject.toml").exists() else Path.cwd()
    return base / "var"


def project_root() -> Path:
    """Return the folder that holds the ``carteira`` package."""
    return _PROJECT
