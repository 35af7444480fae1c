"""Understand exchanges: what was asked, what is wrong with it, what came back. Pure."""
