"""Does the API behave as documented? Contracts, suites, a judge and an emulator."""

__version__ = "0.1.0"
