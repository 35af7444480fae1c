"""What stands between a run and the network: connections, limits, pace, repetition, distress and budget."""
