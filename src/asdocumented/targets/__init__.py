"""Targets: the emulator in this process, and servers elsewhere."""
