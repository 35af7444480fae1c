"""Look, before a run, whether a target has what the run rests on: connections, credentials, the time, resources, operations."""
