"""The kit's tags and filters, built into every template. The kit's README.md shows how to use each."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.contrib.messages import ERROR
from django.contrib.messages.storage.base import Message
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import BoundField
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from carteira.core.people.names import initials
from carteira.core.ui import formats, icons, tones, widgets
from carteira.core.ui.inline import Inline
from carteira.core.ui.markup import fill

register = template.Library()

register.simple_tag(icons.icon, name="icon")


# -- values in the reader's locale; None and "" show as an en dash


@register.filter
def as_json(value: Any) -> str:
    """For a script's data-… attribute: the template escapes it, the script parses it."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def money(minor: int | None, currency: str) -> str:
    """{{ payment.amount|money:account.currency }}: minor units in, "R$ 1.234,56" out."""
    return "–" if minor in (None, "") else formats.money(minor, currency)


@register.filter
def number(value: int | Decimal | None) -> str:
    return "–" if value in (None, "") else formats.number(value)


@register.filter
def day(value: date | None, style: str = "short") -> str:
    """{{ invoice.due_on|day }} for columns, |day:"long" for sentences."""
    return formats.day(value, style) if value else "–"


@register.filter
def moment(value: datetime | None, style: str = "short") -> str:
    return formats.moment(value, style) if value else "–"


# -- small parts, built in Python because a list shows them on every row


@register.simple_tag
def badge(
    state: str, *, label: str | Promise = "", tone: str = "", why: str | Promise = "", id: object = ""
) -> SafeString:
    """A state: dot and text. With `why` (a sentence) and a page-unique `id` it explains itself."""
    shown = fill('<span class="badge-state tone-{}">{}</span>', tone or tones.tone(state), label or tones.label(state))
    return _why(f"why-{id}", why, shown) if why else shown


@register.simple_block_tag
def why(content: str, *, id: object, text: str | Promise) -> SafeString:
    """{% why id="due-7" text=sentence %}anything short{% endwhy %}"""
    return _why(f"why-{id}", text, content)


def _why(id: str, text: str | Promise, content: str) -> SafeString:
    return fill(
        '<button type="button" class="why" popovertarget="{0}" aria-describedby="{0}" data-why>{2}</button>'
        '<span class="pop pop-why" id="{0}" popover role="tooltip">{1}</span>',
        id,
        text,
        content,
    )


@register.simple_tag
def kbd(*keys: str) -> SafeString:
    return format_html_join("", "<kbd>{}</kbd>", ((key,) for key in keys))


@register.simple_tag(takes_context=True)
def sort_header(
    context: Context, key: str, label: str | Promise, sort: str = "", *, numeric: bool = False, css: str = ""
) -> SafeString:
    """A column head that sorts. `sort` is the current order: "name" or, descending, "-name".

    The link keeps the other parameters and drops the page's position (after, before).
    """
    ascending, descending = sort == key, sort == f"-{key}"
    query = context["request"].GET.copy()
    for gone in ("after", "before"):
        query.pop(gone, None)
    query["sort"] = f"-{key}" if ascending else key
    state = "ascending" if ascending else "descending" if descending else "none"
    arrow = icons.icon("chevron-up") if ascending else icons.icon("chevron-down") if descending else ""
    return format_html(
        '<th scope="col" aria-sort="{}" class="{}"><a href="?{}">{}{}</a></th>',
        state,
        " ".join(filter(None, ["sortable", "num" if numeric else "", css])),
        query.urlencode(),
        label,
        arrow,
    )


@register.simple_tag(takes_context=True)
def order_fields(context: Context, *names: str | Sequence[str], but: str = "") -> SafeString:
    """Hidden inputs that carry the named GET parameters (or lists of names) along in a filter form, all but one."""
    query = context["request"].GET
    every = [one for name in names for one in ([name] if isinstance(name, str) else name) if one != but]
    pairs = [(name, value) for name in every for value in query.getlist(name)]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)


# -- forms


@register.simple_tag
def widget(field: BoundField, **attrs: Any) -> SafeString:
    """The bare control of a form field, dressed for the kit."""
    return widgets.render(field, attrs)


@register.filter
def widget_kind(field: BoundField) -> str:
    """checkbox, choices (radios or several checkboxes), file, or text."""
    return widgets.kind(field)


@register.inclusion_tag("core/ui/field.html")
def field(field: BoundField | str, *, hint: str | Promise = "", wide: bool = False) -> dict[str, Any]:
    """Label, control, help and error of one form field. A misspelt field fails instead of showing nothing."""
    if not isinstance(field, BoundField):
        raise template.TemplateSyntaxError("{% field %} needs a form's field.")
    return {"field": field, "hint": hint, "wide": wide}


@register.inclusion_tag("core/ui/inline.html", takes_context=True)
def inline(context: Context, item: Inline, answered: Inline | None = None) -> dict[str, Any]:
    """A value that is edited where it stands and saves by itself (core.ui.inline). `answered`: the one of the page that
    was just sent, for browsers without scripts."""
    if answered and answered.id == item.id:
        item = answered
    return {"item": item, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("core/ui/errors.html")
def errors(form: Any, *, focus: bool = True) -> dict[str, Any]:
    """The summary on top of a refused form: what is wrong, each line a link to its field. Takes the focus."""
    lines = [
        (form[name], message) for name, messages in form.errors.items() if name in form.fields for message in messages
    ]
    return {"form": form, "lines": lines, "focus": focus}


# -- larger parts: templates beside this package


_APART = {"delinquent": 1, "archived": 2, "canceled": 2, "deleted": 2}


@register.inclusion_tag("core/ui/activity_bar.html")
def activity_bar(
    items: list[dict[str, Any]],
    *,
    target: str = "",
    id: str = "activity-bar",
    label: str | Promise = "",
    oob: bool = False,
) -> dict[str, Any]:
    """Items: {key, label, count, url, selected}. The overlay (delinquent) and those that are gone stand apart.

    With `note` (an amount, in words) an item's count is a text too, such as "10,000+".

    `target` (a CSS selector) makes the links swap that part of the page and push the address; with `oob` a
    fragment brings a fresh bar along.
    """
    parts: list[list[dict[str, Any]]] = [[], [], []]
    for item in items:
        parts[_APART.get(item["key"], 0)].append({"note": None, **item})
    return {
        "parts": [part for part in parts if part],
        "target": target,
        "id": id,
        "label": label or _("Customers by activity"),
        "oob": oob,
    }


@register.inclusion_tag("core/ui/tabs.html")
def tabs(items: list[dict[str, Any]], *, label: str | Promise) -> dict[str, Any]:
    """Items: {label, url, selected, count?}. Links, so that every tab has an address."""
    return {"items": items, "label": label}


@register.inclusion_tag("core/ui/chip.html")
def chip(label: str | Promise, *, remove: str) -> dict[str, Any]:
    """A filter in force; `remove` is the address of the list without it."""
    return {"label": label, "remove": remove}


@register.inclusion_tag("core/ui/pager.html")
def pager(
    *, previous: str = "", next: str = "", summary: str | Promise = "", label: str | Promise = ""
) -> dict[str, Any]:
    """Keyset paging: addresses of the neighbouring pages, or nothing at an end."""
    return {"previous": previous, "next": next, "summary": summary, "label": label or _("Pages")}


@register.inclusion_tag("core/ui/progress.html")
def progress(
    *,
    done: int,
    total: int,
    label: str | Promise,
    url: str = "",
    id: str = "progress",
    note: str | Promise = "",
    share: bool = False,
) -> dict[str, Any]:
    """A determinate bar. With `url` it asks there every second and replaces itself with the answer;
    with `share` it shows percents, not counts;

    render it without `url` (or something else in its place) when the work is finished.
    """
    percent = min(100, done * 100 // total) if total else 0
    return {
        "done": done,
        "total": total,
        "label": label,
        "url": url,
        "id": id,
        "note": note,
        "share": share,
        "percent": percent,
    }


@register.inclusion_tag("core/ui/toasts.html", takes_context=True)
def toasts(context: Context, *, oob: bool = False) -> dict[str, Any]:
    """What is waiting to be said. The layout has it; an htmx fragment ends with {% toasts oob=True %}."""
    return {
        "messages": context.get("messages", ()),
        "oob": oob,
        "failure": Message(ERROR, ""),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("core/ui/search_box.html", takes_context=True)
def search_box(
    context: Context, url: str, *, label: str | Promise = "", value: str = "", id: str = "search"
) -> dict[str, Any]:
    """Search as you type: GET `url`?q=… must answer an htmx request with core/ui/search_results.html."""
    return {"url": url, "label": label or _("Search"), "value": value, "id": id}


@register.simple_tag
def avatar(name: str, *, url: str = "") -> SafeString:
    """A face beside a name: the picture at `url`, else initials. The name itself stands beside it, so it says nothing."""
    if url:
        return format_html('<img class="face" src="{}" alt="" width="40" height="40">', url)
    return format_html('<span class="face" aria-hidden="true">{}</span>', initials(name))


@register.simple_tag
def copy(text: str, *, label: str | Promise = "") -> SafeString:
    """A button that copies `text`; shown only where scripts run."""
    return format_html(
        '<button type="button" class="btn-quiet needs-js" data-copy="{}" data-copied="{}" aria-label="{}">{}</button>',
        text,
        _("Copied"),
        label or _("Copy"),
        icons.icon("copy"),
    )


@register.inclusion_tag("core/ui/skeleton.html")
def skeleton(rows: int = 5) -> dict[str, Any]:
    """Grey lines that hold the place of a fragment which is still on its way."""
    return {"rows": range(rows)}


@register.simple_block_tag
def empty_state(content: str, *, icon: str, title: str | Promise, text: str | Promise = "") -> SafeString:
    """{% empty_state icon="users" title=_("…") text=_("…") %}buttons of the next act{% endempty_state %}"""
    return format_html(
        '<div class="empty-state">{}<p class="empty-title">{}</p>{}<div class="empty-acts">{}</div></div>',
        icons.icon(icon),
        title,
        format_html("<p>{}</p>", text) if text else "",
        content,
    )


@register.simple_block_tag
def menu(content: str, *, id: str, label: str | Promise, icon: str = "", css: str = "btn") -> SafeString:
    """A button with a list of acts: links and buttons inside, one a line. Closes on Escape and outside taps.

    With `icon` only the icon shows and `label` is what screen readers say.
    """
    face = (
        format_html('{}<span class="visually-hidden">{}</span>', icons.icon(icon), label)
        if icon
        else format_html("{}{}", label, icons.icon("chevron-down"))
    )
    return format_html(
        '<button type="button" class="{}" popovertarget="{}">{}</button>'
        '<div class="pop pop-menu" id="{}" popover>{}</div>',
        css,
        id,
        face,
        id,
        content,
    )


@register.simple_block_tag
def dialog(content: str, *, id: str, title: str | Promise, open: object = False) -> SafeString:
    """Opened by <button command="show-modal" commandfor="ID">; a form method="dialog" in it closes it. `open`: shown at
    once, because what was written in it was refused."""
    return format_html(
        '<dialog class="sheet" id="{0}" aria-labelledby="{0}-title" closedby="any"{5}><div class="sheet-head">'
        '<h2 id="{0}-title">{1}</h2>'
        '<form method="dialog"><button class="btn-quiet" aria-label="{2}">{3}</button></form>'
        '</div><div class="sheet-body">{4}</div></dialog>',
        id,
        title,
        _("Close"),
        icons.icon("x"),
        content,
        " open" if open else "",
    )
