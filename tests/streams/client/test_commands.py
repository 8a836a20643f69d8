"""`dompet publish` by a gateway or an inbox where all is installed, and the list of commands where nothing is."""

import json
from pathlib import Path
from typing import Any

import pytest

from dompet.streams import commands
from dompet.streams.cli import app
from dompet.streams.client.listing import listed
from dompet.streams.command_line.extras import LIGHT, WEB
from tests.support.command import dompet
from tests.support.gateway import Gateway, review

pytestmark = pytest.mark.server


def leaves(words: tuple[str, ...], command: Any) -> dict[str, str]:
    """Every command of Typer's by its words, with what it is for."""
    made = command.made() if hasattr(command, "made") else command
    inner = getattr(made, "commands", {})
    found = {word: purpose for name in inner for word, purpose in leaves((*words, name), inner[name]).items()}
    alone = words and (not inner or made.invoke_without_command)
    return {" ".join(words): made.help.split("\n\n")[0], **found} if alone else found


def test_the_list_without_an_extra_has_every_command_with_what_it_is_for() -> None:
    known = listed(commands)
    assert {one.words: one.purpose for one in known} == leaves((), app)
    assert {one.words for one in known if one.extra == LIGHT} == {"publish", "publishers check"}
    assert {one.words for one in known if one.extra == WEB} == {"serve", "up"}


def test_a_bad_line_is_refused_in_the_same_words_by_a_gateway_and_by_the_log(
    gateway: Gateway, toko: tuple[str, str], tmp_path: Path
) -> None:
    name, token = toko
    (tmp_path / "token").write_text(token)
    texts = [json.dumps(review(name)), '{"type": "CourseReview"}', "", json.dumps(review(name, rating=None)), "[]"]
    (tmp_path / "events.jsonl").write_text("\n".join(texts))
    straight = ("--kafka", str(gateway.settings.kafka), "--log-topic", gateway.settings.topics.log.name)
    by_gateway = ("--gateway", gateway.url, "--token-file", "token")
    for on_error in ("skip", "stop"):
        ran = [
            dompet("publish", "events.jsonl", "--on-error", on_error, *way, cwd=tmp_path)
            for way in (straight, by_gateway)
        ]
        assert [one.code for one in ran] == [2, 2]
        said = [[line for line in one.err.splitlines() if " published 1 event " not in line] for one in ran]
        assert said[0] == said[1]
        assert said[0][0].startswith(
            "events.jsonl:2: 'CourseReview' is not an event type; did you mean CourseReviewed?"
        )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--gateway", "http://x"], "--gateway URL and --token-file FILE go together"),
        (["--token-file", "x"], "--gateway URL and --token-file FILE go together"),
        (
            ["--gateway", "http://x", "--token-file", "t", "--inbox", "toko"],
            "--gateway and --inbox are two ways in: give ",
        ),
        (["--gateway", "http://x", "--token-file", "-"], "standard input cannot be both the events and the token"),
        (["--gateway", "http://x", "--token-file", "none"], "none: No such file or directory"),
        (["--gateway", "x", "--token-file", "/dev/null"], "a gateway's URL is http://host:port or https://host:port"),
        (["--inbox", "toko"], "no Kafka is set, and none runs on "),
    ],
)
def test_flags_that_do_not_go_together_are_one_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    kafka = ["--kafka", "127.0.0.1:1"] if "--gateway" not in arguments and "--inbox" not in arguments else []
    ran = dompet("publish", "-", *arguments, *kafka, cwd=tmp_path)
    assert (ran.code, ran.complaint.startswith(sentence)) == (2, True), ran.err
