"""The broken emulators that are derived from the contracts, and that the suite finds each of them."""
