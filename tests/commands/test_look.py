"""`bci-online look` prints what is wrong before all else, and writes what mends it."""

import tomllib

import pytest
from foreign_session import amplifier, markers, signal, times, written
from session_files import rows

from bci_online.__main__ import app
from bci_online.config import read_config
from bci_online.console import run


@pytest.fixture(scope="module")
def of_volts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("look")
    return written(folder, amplifier(signal() * 1e-6, name="[bold]amp[/b]\x1b[31m"), markers())


def test_the_first_line_is_what_costs_most_and_the_next_its_way_out(of_volts, tmp_path, capsys):
    toml = tmp_path / "read.toml"

    code = run(app, ["look", str(of_volts), "--toml", str(toml)])

    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert (code, first) == (0, "foreign.xdf: what is wrong")
    assert second.startswith("  1  stream '[bold]amp[/b][31m': moves by")
    assert third == '     → eeg.unit = "volts"'
    assert read_config(toml).eeg.unit == "volts"


def test_a_program_reads_the_same_in_one_line(of_volts, capsys):
    run(app, ["look", str(of_volts), "--json", "-"])

    [row] = rows(capsys.readouterr().out)
    assert [finding["kind"] for finding in row["findings"]] == ["size"]
    assert tomllib.loads(row["toml"]) == {"eeg": {"unit": "volts"}}
    assert row["response"]["counts"] == [36, 180]


def test_what_is_no_recording_or_no_place_to_write_is_refused_in_one_line(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "short.xdf").write_bytes(written(tmp_path, amplifier(stamps=times())).read_bytes())

    for arguments in (
        [str(tmp_path / "notes.txt")],
        [str(tmp_path / "none.xdf")],
        [str(tmp_path)],
        [str(tmp_path / "short.xdf"), "--toml", str(tmp_path / "notes.txt")],
        [str(tmp_path / "short.xdf"), "--seconds", "5"],
    ):
        assert run(app, ["look", *arguments]) == 2
        assert capsys.readouterr().err.count("\n") == 1
