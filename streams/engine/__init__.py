"""The engine: the embedded warehouse as a process of its own that speaks ClickHouse's HTTP."""
