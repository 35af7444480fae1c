"""What a target must do: one module for each family of requirements. Run with `pytest suites --target emulator`."""
