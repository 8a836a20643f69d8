"""Copies of the warehouse in a folder, and warehouses made of them."""
