"""CloudEvents 1.0: structured, batch and binary."""

import json
from typing import Any

import pytest

from tests.support.gateway import Gateway, review

ONE, MANY = "application/cloudevents+json", "application/cloudevents-batch+json"


def envelope(publisher_id: str, **more: Any) -> dict[str, Any]:
    """An envelope that says what its data then need not."""
    data = review(publisher_id)
    taken = {
        "id": data.pop("event_id"), "time": data.pop("occurred_at"), "subject": data.pop("beneficiary_id"),
        "type": "dompet.v1." + data.pop("type"),
    }  # fmt: skip
    return {"specversion": "1.0", "source": "/orders", **taken, "data": data, **more}


def test_what_data_lacks_is_taken_from_the_envelope(gateway: Gateway, toko: tuple[str, str]) -> None:
    one = envelope(toko[0])
    answer = gateway.post(json.dumps(one, indent=2).encode(), toko[1], ONE)
    assert (answer.status, answer.json["results"][0]["event_id"]) == (200, one["id"])
    whole = review(toko[0])
    said = {"specversion": "1.0", "source": "/", "id": whole["event_id"], "type": whole["type"], "data": whole}
    assert gateway.post(json.dumps(said).encode(), toko[1], ONE).json["stored"] == 1


def test_a_batch_has_a_result_for_each(gateway: Gateway, toko: tuple[str, str]) -> None:
    one = envelope(toko[0])
    batch = [
        one, 7, {}, envelope(toko[0], data=7), envelope(toko[0], data_base64="e30="), envelope("other"),
        envelope(toko[0], data={**one["data"], "event_id": "another"}), envelope(toko[0], specversion="0.3"),
        envelope(toko[0], datacontenttype="text/xml"), envelope(toko[0], data={}), envelope(toko[0], time=7.5),
    ]  # fmt: skip
    answer = gateway.post(json.dumps(batch).encode(), toko[1], MANY)
    assert [found["result"] for found in answer.json["results"]] == [
        "stored", "invalid", "invalid", "invalid", "invalid", "forbidden", *["invalid"] * 5,
    ]  # fmt: skip
    assert all(found["reason"] for found in answer.json["results"][1:])
    assert gateway.post(b"{}", toko[1], MANY).status == 400


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_the_envelope_may_be_in_headers(gateway: Gateway, toko: tuple[str, str], version: str) -> None:
    one = envelope(toko[0])
    headers = {f"ce_{name}": str(value) for name, value in one.items() if name != "data"}
    answer = gateway.post(json.dumps(one["data"]).encode(), toko[1], **{**headers, "ce_specversion": version})
    assert answer.status == (200 if version == "1.0" else 422), answer.text
