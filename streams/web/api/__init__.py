"""The same facts for programs, as JSON, CSV and Parquet."""
