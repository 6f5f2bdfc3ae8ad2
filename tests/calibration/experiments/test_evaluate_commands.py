import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bci_online.console import run
from calibration.__main__ import app


def evaluate(*arguments: str | Path) -> int:
    return run(app, ["evaluate", *map(str, arguments)])


@pytest.mark.slow
def test_the_simulated_table_is_shown_written_and_drawn(tmp_path, capsys) -> None:
    out = tmp_path / "out"
    asked = ("simulated", "--part", "sensors", "--methods", "lda,gsvm-2", "--runs", "2")

    assert evaluate(*asked, "-o", out) == 0

    shown = capsys.readouterr().out
    assert "gsvm-2" in shown
    assert "100 %" in shown
    table = (out / "simulated.csv").read_text(encoding="utf-8").splitlines()
    assert table[0].startswith("part,method,n,units,auc,auc_sd,auc_low,auc_high,selection_rate")
    assert [line.split(",")[1:4] for line in table[1:]] == [
        ["lda", "2", "runs"],
        ["gsvm-2", "2", "runs"],
    ]
    assert len((out / "simulated_cells.csv").read_text(encoding="utf-8").splitlines()) == 5
    assert "<svg" in (out / "simulated.svg").read_text(encoding="utf-8")
    written = {path.name: path.read_bytes() for path in out.glob("*.*")}

    assert evaluate(*asked, "-o", out, "--json", "-") == 0

    told = capsys.readouterr()
    assert "note: no p values: add svm, the baseline of all tests, to --methods" in told.err
    summary = json.loads(told.out)
    assert (summary["cells"], summary["failed"], len(summary["rows"])) == (4, 0, 2)
    assert "note: 4 of 4 cells were there from before" in told.err
    assert {path.name: path.read_bytes() for path in out.glob("*.*")} == written


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("simulated", "-o", "{}/a", "--methods", "svm,best"), "'best' is not one of btlda"),
        (("simulated", "-o", "{}/a", "--jobs", "0"), "--jobs 0"),
        (("simulated", "-o", "{}/none/a"), "does not exist; make it first"),
        (("simulated", "-o", "{}"), "holds something else"),
        (("recordings", "{}/no.xdf", "-o", "{}/a", "--train-share", "1"), "--train-share 1"),
        (("recordings", "{}/no.xdf", "-o", "{}/a"), "no.xdf: no such file"),
        (("recordings", "{}", "-o", "{}/a"), "holds no recording (*.xdf)"),
        ((), "Missing command"),
        (
            ("moabb", "--dataset", "EPFLP300", "--data-dir", "{}/no", "-o", "{}/a"),
            "is not a folder",
        ),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(tmp_path, capsys, arguments, words) -> None:
    (tmp_path / "something.txt").touch()

    code = evaluate(*(text.format(tmp_path) for text in arguments))

    told = capsys.readouterr().err.splitlines()
    assert code == 2
    assert len(told) == 1
    assert words in told[0]
    assert not (tmp_path / "a").exists()


@pytest.mark.live
def test_ctrl_c_is_two_lines_and_the_same_command_goes_on(tmp_path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "calibration", "evaluate", "simulated", "-o", str(out)]
    command += "--part sensors --methods lda --jobs 2 --json - --runs".split()
    first = subprocess.Popen(
        [*command, "999"], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    until = time.monotonic() + 90
    while len(list(out.glob("cells/*.json"))) < 2:
        assert time.monotonic() < until
        assert first.poll() is None
        time.sleep(0.02)

    os.killpg(first.pid, signal.SIGINT)
    told = first.communicate(timeout=60)[1].splitlines()

    kept = [json.loads(path.read_text())["cell"]["split"] for path in out.glob("cells/*.json")]
    assert first.returncode == 130
    assert told == [
        f"note: {len(kept)} of 999 cells are kept; run the same command to continue",
        "stopped by Ctrl-C",
    ]
    # Two at a time: the first of them need not be among those that were done.
    n_cells = max(kept) + 1
    again = subprocess.run([*command, str(n_cells)], capture_output=True, text=True, check=True)
    assert json.loads(again.stdout)["cells"] == n_cells
    assert f"note: {len(kept)} of {n_cells} cells were there from before" in again.stderr
