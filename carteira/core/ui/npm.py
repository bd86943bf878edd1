"""Serves the few files we need from node_modules, unmodified, under /static/npm/.

A finder rather than STATICFILES_DIRS: packages hold thousands of files, and collectstatic should stay small.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage

NODE_MODULES = Path(__file__).resolve().parents[3] / "node_modules"

# static path -> path below node_modules. Source maps are listed because the manifest storage insists on them.
FILES = {
    "npm/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "npm/tabler.min.css.map": "@tabler/core/dist/css/tabler.min.css.map",
    "npm/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "npm/htmx.min.js.map": "htmx.org/dist/htmx.min.js.map",
    "npm/inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "npm/inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
}


class NpmStorage(FileSystemStorage):
    """Static names on the outside, paths below node_modules on the inside."""

    def path(self, name: str) -> str:
        return str(NODE_MODULES / FILES[name])


class NpmFinder(BaseFinder):
    storage = NpmStorage(location=NODE_MODULES)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        missing = [name for name in FILES if not Path(self.storage.path(name)).exists()]
        if not missing:
            return []
        return [Error(f"Not installed: {', '.join(missing)}.", hint="Run npm ci.", id="ui.E001")]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in FILES:
            return []
        found = self.storage.path(path)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, NpmStorage]]:
        for name in FILES:
            yield name, self.storage
