"""What the owner's log tells besides sign-ins: changes of the business itself, by the subject of their events (the word
before the dot of the kind). Rooms above add theirs."""

from carteira.core.registries import Registry

subjects: Registry[str] = Registry("Subject of the owner's log")
for _name in ("account", "member"):
    subjects.add(_name, _name)
