"""Make the suites run from a checkout: the options and fixtures come from the installed plugin `asdocumented`."""
