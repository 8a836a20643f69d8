"""Tests of what moves: topics, source, projector, warehouses, the command line."""
