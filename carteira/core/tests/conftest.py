"""Property tests here may load a year of holidays or a numbering plan on their first example: no deadline."""

from hypothesis import settings

settings.register_profile("values", deadline=None)
settings.load_profile("values")
