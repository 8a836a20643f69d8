-- Every listing of an institution in the catalogue, and when it holds.
CREATE VIEW institutions AS
SELECT
    {columns institution_rows}
FROM institution_rows FINAL
WHERE deleted = 0;
