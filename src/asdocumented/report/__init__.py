"""The record of a run and what is rendered from it."""
