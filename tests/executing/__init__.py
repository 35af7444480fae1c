"""Tests of executing: what runs beside what."""
