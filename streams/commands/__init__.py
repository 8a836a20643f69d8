"""The commands of `dompet`, a module for each group."""
