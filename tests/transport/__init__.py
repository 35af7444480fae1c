"""Tests of what stands between a run and the network, over real sockets."""
