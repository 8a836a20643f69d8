-- Every listing of a course in the catalogue, and when it holds.
CREATE VIEW courses AS
SELECT
    {columns course_rows}
FROM course_rows FINAL
WHERE deleted = 0;
