"""Notes: important ones pinned on the card, each with its author and day."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.customers.models import Note
from carteira.customers.parts import PARTS, add, change, remove
from conftest import NOW

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def maria(cast, make_customer):
    return make_customer(cast.aurora, "Maria Silva")


def write(cast, customer, text, important=False, by=None, now=NOW):
    with scope(cast.aurora.pk):
        return add(PARTS["notes"], customer, text=text, important=important, by=by, now=now)


def shown(cast, customer, user=None):
    tab = cast.client(user or cast.ana).get(f"/aurora/customers/{customer.pk}/").context["tab"]
    (section,) = [section for section in tab["sections"] if section["name"] == "customers.notes"]
    return section


def test_important_notes_are_pinned_with_author_and_day(cast, maria):
    """S1-04: what matters stands on top of Main, who wrote it and when; then the newest ones."""
    write(cast, maria, "Allergic to nuts", important=True, by=cast.beto, now=NOW - timedelta(days=3))
    write(cast, maria, "Called her", by=cast.ana)
    section = shown(cast, maria, cast.caio)
    assert [note["row"].text for note in section["notes"]] == ["Allergic to nuts", "Called her"]
    page = cast.client(cast.caio).get(f"/aurora/customers/{maria.pk}/").text
    assert re.search(r"Beto · <time[^>]*>18/11/2026 12:00", page)
    assert "data-inline" not in page, "a viewer reads"


def test_written_on_the_card_and_told_in_the_history(cast, maria):
    """Several lines stay several lines; nothing or too much is refused with what was typed."""
    client = cast.client(cast.sofia)
    url = f"/aurora/customers/{maria.pk}/parts/notes/"
    done = client.post(url, {"notes-text": " One\r\n\r\nTwo <b>\n", "notes-important": "on"})
    assert (done.status_code, done["Location"]) == (302, f"/aurora/customers/{maria.pk}/#notes")
    with scope(cast.aurora.pk):
        note = Note.objects.get()
        assert (note.text, note.important, note.by, note.written_at) == ("One\n\nTwo <b>", True, cast.sofia, NOW)
        event = Event.objects.get(kind="customer.note_added")
        assert event.what == {}
        assert event.personal["new"]["text"] == note.text
    assert "Two &lt;b&gt;" in client.get(f"/aurora/customers/{maria.pk}/").text
    assert "Note written. One" in client.get(f"/aurora/customers/{maria.pk}/tab/history/").text
    for wrong in ("", "  \n ", "x" * 5001, "a\x00b"):
        refused = client.post(url, {"notes-text": wrong})
        assert refused.status_code == 422
        assert wrong.strip("\x00 \n")[:20] in refused.text
    with scope(cast.aurora.pk):
        assert Note.objects.count() == 1


def test_edited_in_place_and_asked_first(cast, maria):
    """S1-07: saves by itself and shows that it was edited; somebody else's change asks."""
    note = write(cast, maria, "One\nTwo")
    client = cast.client(cast.ana)
    url = f"/aurora/customers/{maria.pk}/parts/notes/{note.pk}/text/"
    saved = client.post(url, {"was": "One\r\nTwo", "value": "One\r\nThree"}, headers=HTMX)
    assert saved.status_code == 200
    with scope(cast.aurora.pk):
        note.refresh_from_db()
        assert (note.text, note.edited_at) == ("One\nThree", NOW)
    assert client.post(url, {"was": "One\nTwo", "value": "Mine"}, headers=HTMX).status_code == 409
    assert client.post(url, {"was": "One\nThree", "value": ""}, headers=HTMX).status_code == 422
    assert client.post(url, {"was": "One\nThree", "value": "Plain"})["Location"] == f"/aurora/customers/{maria.pk}/"


def test_pinned_and_let_go(cast, maria):
    note = write(cast, maria, "Tea")
    client = cast.client(cast.ana)
    url = f"/aurora/customers/{maria.pk}/notes/{note.pk}/pin/"
    for sent, important in (({"important": "1"}, True), ({}, False)):
        assert client.post(url, sent).status_code == 302
        with scope(cast.aurora.pk):
            note.refresh_from_db()
            assert (note.important, note.edited_at) == (important, None)


def test_removed_and_brought_back_as_it_was(cast, maria):
    """Undo: the same author and day, not whoever undid it."""
    note = write(cast, maria, "Tea", important=True, by=cast.beto, now=NOW - timedelta(days=3))
    client = cast.client(cast.ana)
    done = client.post(f"/aurora/customers/{maria.pk}/parts/notes/{note.pk}/remove/", follow=True)
    with scope(cast.aurora.pk):
        assert not Note.objects.exists()
    back = client.post(next(iter(done.context["messages"])).extra_tags)
    assert back["Location"] == f"/aurora/customers/{maria.pk}/"
    with scope(cast.aurora.pk):
        again = Note.objects.get()
        assert (again.text, again.important, again.by) == ("Tea", True, cast.beto)
        assert again.written_at == NOW - timedelta(days=3)


def test_older_notes_follow_without_more_queries(cast, maria):
    """However many there are, the card asks once; the next ones follow, none twice, none left out."""
    client = cast.client(cast.ana)
    asked = []
    for count in (1, 30):
        for nth in range(count):
            write(cast, maria, f"Note {count} {nth}")
        client.get(f"/aurora/customers/{maria.pk}/")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/aurora/customers/{maria.pk}/")
        asked.append(len(captured))
    assert asked[0] == asked[1]
    section = shown(cast, maria)
    texts = [note["row"].text for note in section["notes"]]
    url = f"/aurora/customers/{maria.pk}/notes/"
    while section["older"]:
        section = client.get(url, {"older": str(section["older"])}, headers=HTMX).context["section"]
        texts += [note["row"].text for note in section["notes"]]
    assert len(texts) == len(set(texts)) == 31
    assert client.get(url, {"older": "banana"}).status_code == 302


def test_nobody_elses(cast, maria, make_customer):
    """T1: another business's note, and another customer's, are 404."""
    other = make_customer(cast.aurora, "Outra")
    note = write(cast, other, "Tea")
    client = cast.client(cast.ana)
    for path in (f"notes/{note.pk}/pin/", f"parts/notes/{note.pk}/remove/", f"parts/notes/{note.pk}/text/"):
        assert client.post(f"/aurora/customers/{maria.pk}/{path}", {"was": "", "value": "x"}).status_code == 404
    with scope(cast.aurora.pk):
        change(note, text="Coffee", by=None, now=NOW)
        remove(note, by=None, now=NOW)
