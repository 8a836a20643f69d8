"""Tests of the meaning of events: tables of examples, and the fold against the model."""
