"""The benchmark: dompet beside its rivals, on the same log of the same broker. Run it as `python -m tests.bench`."""
