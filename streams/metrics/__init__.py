"""Figures for operators: declared once, recorded in plain numbers, and written in Prometheus's form when it asks."""
