"""The engine's endpoint before a ClickHouse server: the same questions, rights and limits, another place to ask."""
