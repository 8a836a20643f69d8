"""The browser of the tests of pages."""

from tests.support.browser import chromium

__all__ = ["chromium"]
