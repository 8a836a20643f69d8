"""An event to publish, where any will do."""

from datetime import UTC, datetime
from typing import Any

from dompet.schemas.events import SurveySubmitted


def survey(person: str = "abc", number: int = 1, **instead: Any) -> SurveySubmitted:
    """A valid event of `person`, with other fields `instead`."""
    return SurveySubmitted(**survey_fields(person, number, **instead))


def survey_fields(person: str = "abc", number: int = 1, **instead: Any) -> dict[str, Any]:
    """The fields of such an event."""
    fields: dict[str, Any] = {
        "event_id": f"{person}-{number}",
        "beneficiary_id": person,
        "occurred_at": datetime(2020, 5, 1, tzinfo=UTC),
        "publisher_id": "programme",
        "survey_no": number,
    }
    return fields | instead
