"""What a run changes on a target: whether it may, a journal of it on disk, and how each change is taken back."""
