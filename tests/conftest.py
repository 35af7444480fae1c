"""Settings of all tests: no test fails because the machine that runs it is slow."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
