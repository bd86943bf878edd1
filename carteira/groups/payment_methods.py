"""How a group's customers usually pay: billing tells which methods there are."""

from carteira.core.registries import Registry, Text

# Name of a method → its label.
methods: Registry[Text] = Registry("Payment method")


def choices() -> list[tuple[str, Text]]:
    return [(name, methods[name]) for name in methods.names()]
