"""The file of settings: which one is read, where its paths start, and how it is refused."""

import os
import threading
from pathlib import Path

import pytest

from dompet.streams.settings import read_settings
from tests.support.settings import folder, refusal, write

__all__ = ["folder"]


def test_the_file_can_be_named_by_flag_and_by_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    write('group = "default"')
    monkeypatch.setenv("DOMPET_CONFIG", write('group = "variable"', "two.toml"))
    assert read_settings().group == "variable"
    assert read_settings(config=Path(write('group = "flag"', "three.toml"))).group == "flag"


def test_paths_start_at_the_current_folder_and_in_a_file_at_the_files(folder: Path) -> None:
    file = write('home = "data"', "etc/dompet.toml")
    assert read_settings(config=file).home == folder / "etc" / "data"
    assert read_settings(config=file, home="data").home == folder / "data"
    assert read_settings(home="~/data").home == Path.home() / "data"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("warehous = 1", "dompet.toml:1: warehous is no setting: did you mean warehouse?"),
        ("x = 1", "dompet.toml:1: x is no setting; the settings are accept_dead_until, accept_topic_settings, "),
        ("kafka_config = 1", "dompet.toml:1: kafka_config is no setting; "),
        ("config = 'x'", "dompet.toml:1: config is no setting; "),
        ("group =", "dompet.toml:1: not valid TOML: "),
        ("# ours\nkafka = 3", "dompet.toml:2: kafka is '3': it must be host:port, or several with commas between them"),
        ("batch = 5\n\nwarehouse = 3", "dompet.toml:3: warehouse is '3': it must be a warehouse's URL"),
        (
            "[kafka]\nsasl.mechanisms = ['a']",
            "dompet.toml:2: kafka.sasl.mechanisms: it must be a text, a number, true ",
        ),
        (
            "[kafka]\n'client.id' = 'a'\n'sasl.mechanisms' = ['a']",
            "dompet.toml:3: kafka.sasl.mechanisms: it must be a text, a number, true ",
        ),
    ],
)
def test_a_file_that_does_not_hold_is_one_sentence(content: str, sentence: str) -> None:
    write(content)
    assert refusal().startswith(sentence)


def test_a_file_that_is_named_must_be_there() -> None:
    assert refusal(config="none.toml") == "none.toml: the settings cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("x = " + "[" * 3000, "dompet.toml:1: not a file of settings: "),
        ("x = " + "9" * 5000, "dompet.toml:1: not a file of settings: "),
        ("# a\u2028b\u0085c\nbatch = 0", "dompet.toml:2: batch is '0': "),
        ("'a\\b' = 1", "dompet.toml:1: a\\b is no setting; "),
        ('"a\\nb" = 1', "dompet.toml:1: 'a\\nb' is no setting; "),
        ("\r\nbatch = 0\r\n", "dompet.toml:2: batch is '0': "),
    ],
)
def test_odd_content_is_one_sentence_too(content: str, sentence: str) -> None:
    write(content)
    assert refusal().startswith(sentence)


def test_a_file_that_can_be_read_only_once_is_read_once(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    writer = threading.Thread(target=(folder / "pipe").write_text, args=("batch = 0",))
    writer.start()
    assert refusal(config=folder / "pipe").startswith(f"{folder / 'pipe'}: batch is '0': ")
    writer.join()


def test_a_file_that_is_not_utf_8_is_one_sentence() -> None:
    Path("dompet.toml").write_bytes(b"group = '\xff'")
    assert refusal() == "dompet.toml:1: the settings are not UTF-8 text"


def test_a_home_folder_that_there_is_not_is_one_sentence() -> None:
    assert refusal(home="~nobody-here/x") == "~nobody-here/x: there is no such home folder"
    assert refusal(config="~nobody-here/x") == "~nobody-here/x: there is no such home folder"
