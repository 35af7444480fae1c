"""Credentials: what a description refers to, read, renewed, put into headers, and named in curl lines without the secret."""
