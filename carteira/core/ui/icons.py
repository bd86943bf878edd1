"""Icons: the SVG files of @tabler/icons, read once, put into the page. No icon font, no request per icon."""

import re
from functools import cache

from django.utils.safestring import SafeString, mark_safe

from carteira.core.ui.npm import NODE_MODULES

FOLDER = NODE_MODULES / "@tabler" / "icons" / "icons" / "outline"


class UnknownIcon(ValueError):
    """No such icon in @tabler/icons."""


@cache
def icon(name: str) -> SafeString:
    """The outline icon `name` as inline SVG, hidden from screen readers: the text beside it says it."""
    file = FOLDER / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not file.exists():
        raise UnknownIcon(f"No icon {name!r} in @tabler/icons (names: tabler.io/icons).")
    paths = "".join(re.findall(r"<(?:path|circle|rect|line|polyline|ellipse)\b[^>]*/>", file.read_text()))
    paths = paths.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")
    return mark_safe(
        '<svg class="icon" viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{paths}</svg>'
    )
