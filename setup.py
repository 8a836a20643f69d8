"""Finds the packages: every folder with modules below the four that pyproject.toml names is one, so that a new room
needs no line anywhere. (`packages.find` cannot do it: it knows no prefix for what it finds.)
"""

from setuptools import find_packages, setup

LAYERS = ("schemas", "projections", "streams", "infra")


def packages(layer: str) -> list[str]:
    """A layer and every room in it, by the name that it is imported by."""
    return [f"dompet.{name}" for name in (layer, *(f"{layer}.{room}" for room in find_packages(layer)))]


setup(packages=[name for layer in LAYERS for name in packages(layer)])
