"""Tests of the emulator, over its ASGI application."""
