"""Tests of dompet.streams.publishers."""
