"""The settings: their one declaration, where values come from, and what they must be."""

from dompet.streams.settings.model import SettingError, Settings, read_settings

__all__ = ["SettingError", "Settings", "read_settings"]
