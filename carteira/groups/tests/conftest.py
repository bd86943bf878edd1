"""Fixtures of other rooms that tests here use."""

from carteira.core.sheets.tests.importing import importer

__all__ = ["importer"]
