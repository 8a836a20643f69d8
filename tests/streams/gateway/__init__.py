"""Tests of dompet.streams.gateway."""
