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


def make_home(folder: Path | None = None) -> Path:
    """Make the home (default: this installation's) where it is missing, and return it."""
    folder = folder or home()
    folder.parent.mkdir(parents=True, exist_ok=True)
    return make_private(folder)


def make_private(folder: Path) -> Path:
    """Make one folder for its user alone, where missing.

    Root's may be passed through, not listed: the database runs as a system user, in a folder of its own below.
    """
    try:
        folder.mkdir()
    except FileExistsError:
        return folder
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)  # mkdir's own mode is cut by the umask
    return folder
