-- Which warehouse this is: random ids, made when the first worker opens it, and once more when it is restored from a copy.
--   id         The id.
--   made_at_us When. In UTC microseconds.
--   restored   Whether it was made by a restore.

-- The first id that was not made by a restore is the warehouse's line: a copy has the same. The last one that was is its
-- own, where there is one. A group of workers feeds one warehouse, and names it by these. There is one such table, in
-- the configured database.
CREATE TABLE identity_rows
(
    id          String,
    made_at_us  Int64,
    restored    UInt8
)
ENGINE = ReplacingMergeTree
ORDER BY (restored, made_at_us, id);
