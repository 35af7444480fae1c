"""Plan a run before it starts: valid calls, faulty ones, and what behaviours need."""
