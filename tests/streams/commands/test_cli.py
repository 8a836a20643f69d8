"""The command line: a help page worth reading, and one sentence for whatever is wrong."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from dompet.infra.ports import free_port
from dompet.schemas.errors import DompetError
from dompet.streams.command_line.endings import as_exit_code
from dompet.streams.commands import worker
from dompet.streams.settings.declaration import declared_settings
from tests.support.command import DOMPET, dompet, environment

pytestmark = pytest.mark.server

COMMANDS = (
    *("demo", "query", "status"),
    *("wallet", "funnel", "unfinished", "check", "exceptions", "rejections"),
    *("up", "broker", "engine", "worker", "sweep"),
    *("settle", "reconcile"),
    *("publish", "import", "topics", "migrate"),
)
SLOW = ("chdb", "faust", "pyarrow", "pandas", "confluent_kafka", "pydantic_settings")


def test_the_help_page_shows_every_command_by_group_with_examples(tmp_path: Path) -> None:
    page = dompet("--help", cwd=tmp_path, variables={"COLUMNS": "80"})
    assert page.code == 0
    assert page.err == ""
    panels = [page.out.index(f"─ {panel} ─") for panel in ("Start here", "Run", "Data")]
    assert panels == sorted(panels)
    assert [page.out.index(f"│ {command} ") for command in COMMANDS] == sorted(
        page.out.index(f"│ {command} ") for command in COMMANDS
    )
    assert "dompet publish events.jsonl" in page.out
    assert "DOMPET_KAFKA__SASL_USERNAME" in page.out
    assert max(map(len, page.out.splitlines())) <= 80
    assert "\x1b" not in page.out


def test_without_a_command_the_help_page_is_shown(tmp_path: Path) -> None:
    assert "Start here" in dompet(cwd=tmp_path).out


def test_the_version_is_reported(tmp_path: Path) -> None:
    assert dompet("--version", cwd=tmp_path).out.startswith("dompet 0.")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_takes(tmp_path: Path, command: str) -> None:
    page = dompet(command, "--help", cwd=tmp_path, variables={"COLUMNS": "100"})
    assert page.code == 0
    assert "DOMPET_HOME" in page.out
    assert "DOMPET_CONFIG" in page.out


def test_the_help_page_loads_nothing_slow() -> None:
    program = (
        "import sys; from dompet.streams.cli import app; app(['--help'], standalone_mode=False);"
        f"print([name for name in {SLOW} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "dead-letters" in ran.stdout
    assert ran.stdout.splitlines()[-1] == "[]"


def test_every_flag_of_a_setting_is_shown_with_its_variable_and_default(tmp_path: Path) -> None:
    page = dompet("worker", "--help", cwd=tmp_path, variables={"COLUMNS": "300"}).out
    for name in worker.worker.settings:
        setting = declared_settings()[name]
        [line] = [line for line in page.splitlines() if f" {setting.flag} " in line]
        assert setting.variable in line
        assert setting.default in line


@pytest.mark.parametrize(("arguments", "near"), [(["querry"], "query"), (["dead-letters", "lst"], "list")])
def test_a_misspelt_command_is_refused_with_the_nearest(tmp_path: Path, arguments: list[str], near: str) -> None:
    ran = dompet(*arguments, cwd=tmp_path)
    assert f"Did you mean '{near}'" in ran.err
    assert ran.code == 2


@pytest.mark.parametrize("arguments", [["migrate"], ["rejections"], ["dead-letters", "list"], ["chain", "head"]])
def test_a_misspelt_variable_is_refused_by_every_command(tmp_path: Path, arguments: list[str]) -> None:
    ran = dompet(*arguments, cwd=tmp_path, variables={"DOMPET_WAREHUOSE": "chdb:///elsewhere"})
    assert ran.complaint == "DOMPET_WAREHUOSE is no setting: did you mean DOMPET_WAREHOUSE?"
    assert ran.code == 2


def test_the_second_word_alone_decides_where_its_settings_are(tmp_path: Path) -> None:
    (tmp_path / "dompet.toml").write_text("warehous = 1")
    (tmp_path / "right.toml").write_text("")
    redrive = ("rejections", "redrive", "--reason", "unknown_order")
    assert dompet(*redrive, cwd=tmp_path).complaint.startswith("dompet.toml:1: warehous is no setting: did you mean ")
    right = dompet(*redrive, "--config", "right.toml", cwd=tmp_path)
    assert right.complaint.startswith("no Kafka is set, and none runs on ")


COLUMN = """
import sys
from dompet.streams.cli import main
try:
    main()
except SystemExit:
    import pyarrow
    print(pyarrow.array([1, 2]).to_pylist(), "pandas" in sys.modules)
"""


def test_a_command_that_asks_no_server_loads_no_pandas(tmp_path: Path) -> None:
    command = [sys.executable, "-c", COLUMN, "--version"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, timeout=60)
    assert ran.stdout.splitlines()[-1] == "[1, 2] False"


@pytest.mark.parametrize("arguments", [["nope"], ["demo", "--people", "many"], ["publish"], ["worker", "--batch", "x"]])
def test_a_wrong_command_line_ends_with_2(tmp_path: Path, arguments: list[str]) -> None:
    ran = dompet(*arguments, cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: dompet" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        (["worker"], {"DOMPET_WEB_PORT": "x"}, "DOMPET_WEB_PORT is 'x': it must be a port from 1 to 65535"),
        (
            ["query", "SELECT 1", "--warehouse", "nope"],
            {},
            "--warehouse is 'nope': it must be chdb:///absolute/path or ",
        ),
        (["query", "SELECT 1"], {}, "there is no warehouse at {folder}/.dompet/warehouse yet: `dompet demo` or "),
        (["topics", "--log-topic", "a b"], {}, "--log-topic: topic name 'a b': 1 to 245 letters, digits, "),
        (["status", "--config", "none.toml"], {}, "none.toml: the settings cannot be read: No such file or directory"),
        (["worker", "--rules", "none"], {}, "--rules: {folder}/none: the rules file cannot be read: No such file"),
        (["publish", "none.jsonl", "--kafka", "127.0.0.1:1"], {}, "none.jsonl: No such file or directory"),
        (
            ["publish", "-"],
            {},
            "no Kafka is set, and none runs on {folder}/.dompet: start one with `dompet broker`, or ",
        ),
        (["worker"], {}, "no Kafka is set, and none runs on {folder}/.dompet: start one with `dompet broker`, or set "),
        (
            ["up"],
            {"DOMPET_KAFKA": "host:9092"},
            "the Kafka at host:9092 is set, so none is to be started: use `dompet ",
        ),
        (
            ["migrate", "--home", "/dev/null"],
            {},
            "the embedded warehouse at /dev/null/warehouse cannot be opened: Not ",
        ),
        (["broker"], {"PATH": "/nowhere", "JAVA_HOME": ""}, "Java 17 or newer is needed for the local Kafka: install "),
        (
            ["demo"],
            {"PATH": "/nowhere", "JAVA_HOME": ""},
            "Java 17 or newer is needed for the local Kafka: install it ",
        ),
        (
            ["topics"],
            {"DOMPET_KAFKA": "127.0.0.1:1", "DOMPET_KAFKA__NO_SUCH": "1"},
            'the settings of librdkafka (kafka) do not hold: No such configuration property: "no.such"',
        ),
    ],
)
def test_what_is_wrong_is_one_sentence_and_2(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], sentence: str
) -> None:
    ran = dompet(*arguments, cwd=tmp_path, variables=variables)
    assert ran.complaint.startswith(sentence.format(folder=tmp_path))
    assert ran.code == 2


@pytest.mark.parametrize("arguments", [["topics"], ["publish", "/dev/null"], ["worker", "--until-end"], ["demo"]])
def test_a_kafka_that_does_not_answer_is_one_sentence_and_2(tmp_path: Path, arguments: list[str]) -> None:
    servers = f"127.0.0.1:{free_port()}"
    variables = {"DOMPET_KAFKA": servers, "DOMPET_KAFKA__SASL_PASSWORD": "geheim"}
    ran = dompet(*arguments, cwd=tmp_path, variables=variables)
    *steps, sentence = ran.err.splitlines()
    assert sentence.startswith("dompet: ")
    assert servers in sentence
    assert "Connection refused" in sentence
    assert all(step.startswith("• ") for step in steps)
    assert (ran.code, ran.out) == (2, "")
    assert "geheim" not in ran.err


def test_a_clickhouse_that_does_not_answer_is_one_sentence_and_2(tmp_path: Path) -> None:
    ran = dompet("query", "SELECT 1", "--warehouse", f"clickhouse://u:geheim@127.0.0.1:{free_port()}/x", cwd=tmp_path)
    assert "cannot be reached: Code: 210. Connection refused" in ran.complaint
    assert ran.code == 2
    assert "geheim" not in ran.err


def test_who_stops_reading_hears_no_complaint(tmp_path: Path) -> None:
    dompet("migrate", cwd=tmp_path)
    query = [*DOMPET, "query", "SELECT number FROM system.numbers LIMIT 1000000", "--format", "TSV"]
    with subprocess.Popen(
        query, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment()
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"0\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


def raising(error: BaseException) -> int:
    with pytest.raises(typer.Exit) as end:
        as_exit_code(lambda: (_ for _ in ()).throw(error))()
    return end.value.exit_code


def test_a_command_that_cannot_do_its_work_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(DompetError("the reason")) == 2
    assert capsys.readouterr().err == "dompet: the reason\n"


def test_ctrl_c_is_reported_in_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "dompet: stopped\n"


def ended(*arguments: str, folder: Path) -> tuple[int, str]:
    """The exit code of a Python process, and the last line of its stderr."""
    ran = subprocess.run(
        [sys.executable, *arguments],
        env=environment({"DOMPET_KAFKA": "127.0.0.1:9"}),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode, ran.stderr.splitlines()[-1]


MASKED = """
import os, signal, sys, time
from dompet.infra import ports
from dompet.streams import cli

def free_port():
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)
    except KeyboardInterrupt:
        raise TypeError("of a library in whose C code the interrupt came") from None

ports.free_port = free_port
sys.argv = ["dompet", "demo"]
cli.main()
"""


def test_ctrl_c_is_reported_in_a_word_even_where_a_library_makes_another_exception_of_it(tmp_path: Path) -> None:
    assert ended("-c", MASKED, folder=tmp_path) == (130, "dompet: stopped")


WHILE_LOADING = """
from dompet.infra import ports
from dompet.streams import cli

ports.free_port = lambda: exec("import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(60)")
cli.main()
"""


def test_ctrl_c_while_a_module_is_loaded_ends_with_130_too(tmp_path: Path) -> None:
    (tmp_path / "loading.py").write_text(WHILE_LOADING)
    assert ended("-m", "loading", "demo", folder=tmp_path) == (130, "dompet: stopped")


def test_a_fault_of_our_own_is_one_sentence_unless_its_trace_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert raising(KeyError("x")) == 1
    assert capsys.readouterr().err == "dompet: a fault of dompet's own: KeyError: 'x' (DOMPET_DEBUG=1 shows where)\n"
    monkeypatch.setenv("DOMPET_DEBUG", "1")
    assert raising(KeyError("x")) == 1
    assert capsys.readouterr().err.startswith("Traceback")
