"""Other tools beside asdoc: the same broken and permitted emulators for each, one table of what each caught."""
