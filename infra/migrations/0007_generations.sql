-- Generations of the journal: what became of each.
--   sequence  The order of the rows.
--   number    The generation.
--   event     building; live; shown, once the views of the configured database read it; or discarded.
--   at_us     When. In UTC microseconds.
--   made_of   The log, the fold and the rules that one being built is a function of.

-- The first one lies in the configured database; `dompet rebuild` folds the log again into <database>_g2,
-- <database>_g3, …, and one row here then says which is live. There is one such table, in the configured database.
CREATE TABLE generation_rows
(
    sequence  Int64,
    number    Int32,
    event     LowCardinality(String),
    at_us     Int64,
    made_of   String
)
ENGINE = ReplacingMergeTree
ORDER BY (sequence, number, event);

-- The views of this database: a row for each time that one was made.
--   name     The view.
--   digest   The digest of the statement that made it.
--   made     The digest of what the warehouse made of the statement.
--   version  The row with the highest version counts.

-- A view is made once more where either digest is not what it should be: see streams/warehouse/public_views.py.
CREATE TABLE view_rows
(
    name     String,
    digest   String,
    made     String,
    version  Int64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY name;
