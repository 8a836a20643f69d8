"""The settings: their one declaration, where values come from, and what they must be."""

from dompet.streams.settings.model import Settings
from dompet.streams.settings.reading import SettingError, read_settings

__all__ = ["SettingError", "Settings", "read_settings"]
