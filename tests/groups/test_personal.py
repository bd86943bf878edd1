"""A group may be called after somebody: when that person is anonymised, nothing tells it any more (LGPD, decision 19)."""

import pytest

from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.customers.anonymise import anonymise
from carteira.groups.belong import add_many
from carteira.groups.change import rename_group
from carteira.groups.make import make_group
from carteira.groups.models import Group, Member
from carteira.groups.remove import delete_group, restore_group
from conftest import NOW


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"


def test_a_groups_own_events_forget_a_person_it_was_called_after(cast, make_customer):
    """P1, P2: made, renamed, deleted, back: the byte search finds nothing, other groups' events keep their names."""
    ana = make_customer(cast.aurora, "Anastácia Quintela")
    bia = make_customer(cast.aurora, "Bia")
    with scope(cast.boreal.pk):
        make_group(cast.boreal, name="Família Anastácia Quintela", by=cast.dora, now=NOW)
    with scope(cast.aurora.pk):
        group = make_group(cast.aurora, name="Alunos de Anastacia Quintela", by=cast.ana, now=NOW)
        other = make_group(cast.aurora, name="Matrícula 2026", by=cast.ana, now=NOW)
        add_many(group, [ana.pk], by=cast.ana, now=NOW)
        add_many(other, [bia.pk], by=cast.ana, now=NOW)
        rename_group(group, name="Turma da Anastácia Quintela", by=cast.ana, now=NOW)
        delete_group(group, cast.aurora, by=cast.ana, now=NOW)
        request = anonymise(ana, by=cast.ana, now=NOW)
        assert request.result["searched"]["left"] == {}
        own = Event.objects.filter(subject_id=group.pk, customer_id=None)
        assert {event.kind for event in own} == {"group.made", "group.renamed", "group.deleted"}
        assert all(event.personal == {} for event in own)
        assert Event.objects.get(subject_id=other.pk, customer_id=None).personal == {"group": "Matrícula 2026"}
        restore_group(group, cast.aurora, by=cast.ana, now=NOW)
        assert Group.objects.get(pk=group.pk).name == "?"
        assert Member.objects.filter(group=group, customer=ana).exists()
    with scope(cast.boreal.pk):
        assert Group.objects.get().name == "Família Anastácia Quintela"
        assert Event.objects.get(kind="group.made").personal == {"group": "Família Anastácia Quintela"}
