"""Fixtures for every folder of tests."""

pytest_plugins = [
    "tests.support.kafka",
    "tests.support.clickhouse",
    "tests.support.warehouses",
    "tests.support.pipelines",
]
