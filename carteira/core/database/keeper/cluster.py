"""The folder `cluster`: made, configured, and served from by PostgreSQL's own programs."""

import _locale
import os
import signal

from .processes import end_all_in
from .words import Failed, last_words, note

# What launch.py tells the keeper: folders, names, and the texts of the configuration files.
type Settings = dict[str, str]


def make_cluster(settings: Settings) -> None:
    for name in os.listdir("."):
        if name.startswith("cluster.new-"):  # of a keeper that was killed; its initdb may still be at work
            end_all_in(name)
            remove(name)
    if os.path.exists("cluster"):
        raise Failed("the folder server/cluster holds no database; move it away to begin anew")
    draft = f"cluster.new-{os.getpid()}"
    os.mkdir(draft, 0o700)
    output = os.open("log/initdb.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    options = ["--username=carteira_admin", "--auth-local=peer", "--auth-host=reject", "--encoding=UTF8"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"]
    # Sorting is the builtin provider's; the C library's character classes still serve pg_trgm: under
    # plain "C" it drops every accented letter from its trigrams.
    options += ["--locale=C", f"--lc-ctype={character_locale()}", "--no-instructions"]
    if settings["sync"] == "off":
        options.append("--no-sync")
    child = spawn(settings, draft, "initdb", options, output)
    os.close(output)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        raise Failed(f"initdb failed: {last_words('log/initdb.log')}")
    os.rename(draft, "cluster")
    note("made cluster")


def remove(folder: str) -> None:
    for path, folders, files in os.walk(folder, topdown=False):
        for name in files:
            os.unlink(os.path.join(path, name))
        for name in folders:
            os.rmdir(os.path.join(path, name))
    os.rmdir(folder)


def character_locale() -> str:
    for name in ("C.UTF-8", "C.utf8"):
        try:
            _locale.setlocale(_locale.LC_CTYPE, name)
        except _locale.Error:  # type: ignore[attr-defined]
            continue
        return name
    return "C"


def write_config(settings: Settings) -> None:
    with open("cluster/PG_VERSION") as file:
        written = file.read().strip()
    if written != settings["major"]:
        raise Failed(
            f"the data were written by PostgreSQL {written}, this program brings "
            f"{settings['major']}; restore a backup into a new home"
        )
    for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
        with open(f"cluster/{name}.new", "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(settings[name])
        os.rename(f"cluster/{name}.new", f"cluster/{name}")


def spawn(settings: Settings, folder: str, name: str, options: list[str], stderr: int) -> int:
    """Start a server program inside ``folder``, with a clean environment and none of our locks."""
    path = os.path.join(settings["engine"], "bin", name)
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}
    if "LD_LIBRARY_PATH" in os.environ:
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    child = os.fork()
    if child:
        return child
    try:
        os.chdir(folder)
        os.dup2(stderr, 1)
        os.dup2(stderr, 2)
        for caught in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(caught, signal.SIG_DFL)
        os.execve(path, [path, "-D", data_folder_name(), *options], environment)
    except OSError as error:
        os.write(2, f"{path}: {error.strerror}\n".encode())
    os._exit(127)


def data_folder_name() -> str:
    """Return a name under which a program can open the folder it stands in.

    Its true path, for whoever reads the process list; but where a folder above is closed to this user, the
    kernel's own link to the current folder, which needs no way from above.
    """
    path = os.getcwd()
    try:
        if os.path.samestat(os.stat(path), os.stat(".")):
            return path
    except OSError:
        pass
    return "/proc/self/cwd"
