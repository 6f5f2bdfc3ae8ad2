import json
import logging
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from bci_online import interrupts
from bci_online.console import fail, json_line, plain, run
from bci_online.errors import BciError, ConfigError
from bci_online.messages import Decision, Marker, Rejected
from bci_online.option_values import parse_json, parse_names, parse_speed, parse_trials

CONTROLS = st.text(st.characters(exclude_categories=()), max_size=40)


@given(CONTROLS)
def test_plain_text_has_one_line_and_no_control_characters(text):
    shown = plain(text)

    assert len(shown.splitlines()) <= 1
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)
    assert plain(shown) == shown


@pytest.mark.parametrize("text", ["[session/1]", "[/bold]", "ü שלום 한 🙂", "100 %", "a  b"])
def test_plain_text_keeps_what_is_harmless(text):
    assert plain(text) == text


def test_a_failure_is_one_line_on_standard_error_and_exit_code_2(capsys):
    code = fail("a\nb\x1b[2J c\r\u2028d " + "long " * 100)

    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    assert err.startswith("error: a b [2J c d long long")
    assert err.endswith("\n")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "trials"),
    [("", []), ("3", [3]), ("1-3,5", [1, 2, 3, 5]), (" 2 , 2-3,", [2, 3]), ("7-7", [7])],
)
def test_a_list_of_trials_is_read(text, trials):
    assert parse_trials(text) == frozenset(trials)


@given(st.sets(st.integers(1, 999), min_size=1, max_size=20))
def test_any_set_of_trials_can_be_written(trials):
    assert parse_trials(",".join(map(str, trials))) == trials


@pytest.mark.parametrize(
    "text", ["0", "-1", "3-1", "1-", "a", "1.5", "1--2", "1_0", "٣", "1 2", "1-2-3", "9999999",
             "1\n2", "1;2", "1-3,x"],
)  # fmt: skip
def test_what_is_no_list_of_trials_is_refused_with_an_example(text):
    with pytest.raises(BciError, match="is not a trial or range; write 1-3,5"):
        parse_trials(text)


@pytest.mark.parametrize(("text", "speed"), [("max", None), ("1", 1.0), ("10", 10.0), ("0.5", 0.5)])
def test_a_speed_is_read(text, speed):
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["", "0", "-1", "1001", "nan", "inf", "fast", "1e9"])
def test_what_is_no_speed_is_refused_with_the_rule(text):
    with pytest.raises(BciError, match=r"must be max, or a number in \(0, 1000\]"):
        parse_speed(text)


def test_a_list_without_any_trial_is_not_all_of_them():
    with pytest.raises(BciError, match="--trials  , : names no trial"):
        parse_trials(" , ")


@pytest.mark.parametrize(
    ("text", "said"),
    [(" , ", "names nothing; write names with commas"), ("Cz,Pz,Cz", "'Cz' is named twice")],
)
def test_a_list_of_names_names_something_once(text, said):
    with pytest.raises(BciError, match=f"--prefer {text}: {said}"):
        parse_names("--prefer", text)


def test_json_goes_to_standard_output_or_nowhere():
    assert parse_json("-") is True
    assert parse_json("") is False
    with pytest.raises(BciError, match=r"--json out\.json: only -"):
        parse_json("out.json")


def test_a_json_line_is_one_line_and_what_is_not_finite_is_null():
    row = {"a": "x\ny", "b": float("nan"), "c": np.inf, "d": Rejected(Marker("m", 1.0), "gap", 2.0)}

    line = json_line(row)

    assert line.count("\n") == 1
    assert line.endswith("\n")
    assert json.loads(line)["a"] == "x\ny"
    assert json.loads(line)["b"] is None
    assert json.loads(line)["c"] is None
    assert json.loads(line)["d"]["type"] == "rejected"


def test_a_decision_is_written_with_any_symbol():
    line = json_line(Decision("🙂\u202e[/bold]", 1, 0.9, 5.0, evidence={"ü": 1.0}))

    assert json.loads(line)["value"] == "🙂\u202e[/bold]"


# run


@pytest.fixture
def app():
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

    @app.callback()
    def commands() -> None:
        """Commands."""

    @app.command()
    def work(how: str = "well", often: int = 1) -> None:
        """Work."""
        if how == "badly":
            raise ConfigError("file.toml: key: rule,\ngot \x1b[31m3")
        if how == "interrupted":
            raise KeyboardInterrupt
        if how == "greedily":
            raise MemoryError
        if how == "by exit":
            raise typer.Exit(3)
        if how == "warning":
            logging.getLogger("there").warning("beware\nof %s", "\x1b[2J")
        sys.stdout.write("done\n" * often)

    yield app
    logging.captureWarnings(False)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["work"], 0), (["work", "--how", "by exit"], 3), (["--help"], 0), (["work", "--help"], 0)],
)
def test_what_goes_well_says_nothing_on_standard_error(app, capsys, arguments, code):
    assert run(app, arguments) == code
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["work", "--how", "badly"], "error: file.toml: key: rule, got  [31m3"),
        (["work", "--how", "greedily"], "error: not enough memory"),
        (["work", "--often", "x"], "error: --often x: "),
        (["work", "--nope"], "error: No such option: --nope"),
        (["work", "more"], "error: Got unexpected extra argument"),
        (["play"], "error: No such command 'play'"),
        (["wor"], "error: No such command 'wor'. Did you mean 'work'? Try --help."),
        (["work", "--often"], "error: Option '--often' requires an argument"),
        (["\x1b[2J\n"], "error: No such command"),
        (["work", "--how", ""], "error: --how: is empty; give a value, or leave it out"),
        (["work", "--how= "], "error: --how: is empty; give a value, or leave it out"),
        (
            ["work", "--often", "2", ""],
            "error: an argument is empty; give a value, or leave it out",
        ),
    ],
)
def test_a_users_mistake_is_one_line_and_exit_code_2(app, capsys, arguments, said):
    assert run(app, arguments) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(said)
    assert len(err.splitlines()) == 1
    assert "\x1b" not in err


def test_an_interruption_is_one_line_and_exit_code_130(app, capsys, monkeypatch):
    # Examples in the same process may have been stopped by something else.
    monkeypatch.setattr(interrupts, "_ended_by", ["Ctrl-C"])
    assert run(app, ["work", "--how", "interrupted"]) == 130
    assert capsys.readouterr().err == "stopped by Ctrl-C\n"


def test_a_mistake_of_ours_is_not_hidden(app):
    @app.command()
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(app, ["broken"])


PROGRAM = textwrap.dedent("""
    import logging, sys, typer, warnings
    from bci_online.console import run
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    @app.command()
    def work(n: int):
        logging.getLogger("there").warning("beware\\nof %s", "\\x1b[2J")
        sys.stdout.writelines("line\\n" for _ in range(n))
    sys.exit(run(app))
""")


def test_log_records_are_one_line_each_without_control_characters():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "1"], capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stdout) == (0, "line\n")
    assert done.stderr == "warning: beware of  [2J\n"


def test_a_reader_that_goes_away_is_no_error():
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "1000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        error = process.stderr.read()
        code = process.wait(timeout=60)

    assert code == 0
    assert error == b"warning: beware of  [2J\n"


def test_a_long_value_is_not_repeated_whole_in_an_error(capsys):
    error = BciError(f"name {100_000 * 'A'}: must be shorter; choose another")

    assert fail(str(error)) == 2

    line = capsys.readouterr().err
    assert len(line) < 2100
    assert line.startswith("error: name AAA")
    assert line.endswith("choose another\n")
