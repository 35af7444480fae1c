"""Tests of how an exchange is understood."""
