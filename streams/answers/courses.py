"""The catalogue beside what was sold by it: platforms, institutions, courses and their listings over time."""

from typing import Final

from dompet.streams.answers.columns import Kind
from dompet.streams.answers.filters import Filters
from dompet.streams.answers.question import Question
from dompet.streams.answers.rows_behind import Rows

_NEWEST: Final = "ORDER BY {key}, valid_from DESC LIMIT 1 BY {key}"
_PRICES: Final = "courses.price AS list_price, outside_price, free_elsewhere, minutes"
_LISTED_COURSE: Final = {
    "institution": "institution_id = %(institution)s",
    "category": "category = %(category)s",
    "course": "course_id = %(course)s",
}


def _newest(view: str, key: str, columns: str) -> str:
    """Each one's newest listing."""
    return f"SELECT {columns} FROM {view} {_NEWEST.format(key=key)}"  # noqa: S608


def listed_platforms_sql(filters: Filters) -> str:
    """The query for the platforms as they are listed now."""
    columns = "platform_id, name, operator, status, mou_signed_on, pks_signed_on, criteria, valid_from"
    where = filters.where({"platform": "platform_id = %(platform)s"})
    return f"SELECT *\nFROM\n(\n    {_newest('platforms', 'platform_id', columns)}\n)\nWHERE {where}"


def listed_institutions_sql(filters: Filters) -> str:
    """The query for the institutions as they are listed now."""
    columns = "institution_id, name, ifNull(owner_platform_id, '') AS owner_platform_id, valid_from"
    where = filters.where(
        {"institution": "institution_id = %(institution)s", "platform": "owner_platform_id = %(platform)s"}
    )
    return f"SELECT *\nFROM\n(\n    {_newest('institutions', 'institution_id', columns)}\n)\nWHERE {where}"


def courses_sql(filters: Filters) -> str:
    """The query for the courses as they are listed now, beside what was sold, completed and paid of each."""
    columns = f"course_id, title, category, institution_id, {_PRICES}"
    return f"""SELECT
    course_id, title, category, institution_id, list_price, outside_price, free_elsewhere, minutes,
    toInt64(of_sales) AS sales, toInt64(of_completions) AS completions, toInt64(of_paid) AS paid
FROM
(
    SELECT *
    FROM
    (
        {_newest("courses", "course_id", columns)}
    )
    WHERE {filters.where(_LISTED_COURSE)}
) AS listed
ANY LEFT JOIN
(
    SELECT
        CAST(order_steps.course_id AS String) AS course_id,
        sum(purchased) AS of_sales,
        sum(completed) AS of_completions,
        sum(order_steps.paid) AS of_paid
    FROM order_steps
    GROUP BY course_id
) AS sold
USING course_id"""  # noqa: S608


def listings_sql(filters: Filters) -> str:
    """The query for all listings of courses: their prices over time."""
    return f"""SELECT course_id, valid_from, valid_to, title, category, institution_id, courses.price AS list_price,
    outside_price, free_elsewhere, minutes
FROM courses
WHERE {filters.where(_LISTED_COURSE)}"""  # noqa: S608


LISTED_PLATFORMS: Final = Question(
    "listed-platforms",
    "Platforms as they are listed now, with their agreements and criteria.",
    ("platform_id", "name", "operator", "status", "mou_signed_on", "pks_signed_on", "criteria", "valid_from"),
    listed_platforms_sql,
    ("platform",),
    ("platform_id",),
    kinds={"criteria": Kind.TEXT},
)
LISTED_INSTITUTIONS: Final = Question(
    "listed-institutions",
    "Institutions as they are listed now, with the platform that owns them.",
    ("institution_id", "name", "owner_platform_id", "valid_from"),
    listed_institutions_sql,
    ("platform", "institution"),
    ("institution_id",),
)
COURSES: Final = Question(
    "courses",
    "Courses as they are listed now, beside what was sold, completed and paid of each.",
    (
        *("course_id", "title", "category", "institution_id", "list_price", "outside_price", "free_elsewhere"),
        *("minutes", "sales", "completions", "paid"),
    ),
    courses_sql,
    ("institution", "category", "course"),
    ("-paid", "course_id"),
    {
        **dict.fromkeys(("sales", "paid"), Rows("orders", {}, {"course": "course_id"})),
        "completions": Rows("orders", {"step": "completed"}, {"course": "course_id"}),
    },
)
LISTINGS: Final = Question(
    "course-listings",
    "All listings of courses: their prices over time.",
    (
        *("course_id", "valid_from", "valid_to", "title", "category", "institution_id", "list_price", "outside_price"),
        *("free_elsewhere", "minutes"),
    ),
    listings_sql,
    ("institution", "category", "course"),
    ("course_id", "-valid_from"),
)
