"""Events from a platform's exports: rows of CSV or Parquet turned into events by a declarative mapping.

`mapping` says what a mapping may hold, `making` how a row becomes an event, `lookup` what other files say of a row, and
`spool` keeps the events in the order of their time until the log has them. `docs/import.md` describes it to its users.
"""
