"""The browser of the tests of pages, and what they look at."""

from tests.support.browser import chromium
from tests.support.programme import embedded_programme, programme, programme_log, server_programme

__all__ = ["chromium", "embedded_programme", "programme", "programme_log", "server_programme"]
