-- Every listing of a platform in the catalogue, and when it holds.
CREATE VIEW platforms AS
SELECT
    {columns platform_rows}
FROM platform_rows FINAL
WHERE deleted = 0;
