"""How each tool was configured: the lines below the table."""

NOTES = (
    "Every tool gets OpenAPI 3.1 of `asdoc contracts openapi`, improved in its favour (`document.py`): statuses listed in place of"
    " ranges, every field required that any response requires, response objects closed, valid calls as examples, links. Before each"
    " run the emulator is reset, its state arranged and its resources made (`calls.yaml`); a tool looks at the document of the API that"
    " is broken, and at no other.",
)
