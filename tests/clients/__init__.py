"""Vendors' own clients drive the served emulator, over HTTP and over TLS."""
