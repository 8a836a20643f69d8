"""Logs for tests: written by whoever, and what a warehouse should hold of them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
import io
import json
from typing import Any

import fastavro

