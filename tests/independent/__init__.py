"""A second implementation of the five documented operations, written from their pages alone."""
