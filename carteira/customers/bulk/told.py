"""The sentences of an act: as they are kept, and as their reader may know them."""

from collections.abc import Callable, Mapping
from uuid import UUID

from carteira.accounts.roles import Right
from carteira.customers.archive_checklist import Guarded

type Kept = str | list[str]


def kept(sentences: Mapping[UUID, str], guarded: Mapping[UUID, Guarded]) -> dict[str, Kept]:
    """As JSON holds them."""
    return {
        str(id): [sentence, guarded[id].brief, *guarded[id].rights] if id in guarded else sentence
        for id, sentence in sentences.items()
    }


def read(sentence: Kept, may: Callable[[Right], bool]) -> str:
    """For somebody with these rights."""
    if isinstance(sentence, str):
        return sentence
    whole, brief, *rights = sentence
    return whole if all(may(Right(right)) for right in rights) else brief
