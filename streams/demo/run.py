"""The demonstration: a programme published, folded and reported, each step from where an earlier run was cut."""

import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from confluent_kafka.admin import AdminClient
from dompet.infra.ports import free_port
from dompet.schemas.errors import DompetError
from dompet.streams.console import Stopwatch, bar, done, note, out, plural, speed, working
from dompet.streams.demo.filling import filled
from dompet.streams.demo.report import Report
from dompet.streams.demo.report_page import print_report
from dompet.streams.kafka_admin import admin_client
from dompet.streams.settings import Settings
from dompet.streams.status import lag
from dompet.streams.topics import ensure_topics
from dompet.streams.warehouse import open_warehouse
from dompet.streams.warehouse.migrate import migrate
from dompet.streams.worker import run_worker
from rich.text import Text

QUERIES = (
    "SELECT state, count(), sum(price) FROM orders GROUP BY state",
    "SELECT flag, count() FROM orders ARRAY JOIN flags AS flag GROUP BY flag",
    "SELECT occurred_at, type, outcome, reason, balance_after FROM journal WHERE beneficiary_id = '{busiest}' "
    "ORDER BY offset",
)
"""What to try next; the last one is a person's whole history."""
