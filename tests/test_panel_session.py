"""A running session does not depend on its operator's panel, whatever becomes of that."""

import os
import signal

import pytest
import simulated_files
from session_runs import Run, decisions, replayed, same_decisions
from test_sessions import config, summary_in


@pytest.mark.timeout(300)
def test_a_panel_that_hangs_and_then_dies_changes_no_decision(tmp_path, started, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    path = config(tmp_path)
    path.write_text(path.read_text() + "[screen]\npanel = true\n", encoding="utf-8")
    run = Run(
        "bci_online", "spell", "--decoder", simulated_files.decoder(), "--simulate", "--headless",
        "--copy", "BCB", "--config", path, "-o", tmp_path / "session",
    )  # fmt: skip
    started.append(run)

    run.until('"decision"')
    os.kill(run.pids["panel"], signal.SIGSTOP)
    run.until('"decision"')
    os.kill(run.pids["panel"], signal.SIGKILL)
    errors = run.end()

    assert run.process.returncode == 0, errors
    assert run.left_over() == []
    live, summary = decisions(run.rows), summary_in(tmp_path)
    assert summary["ended"] == "done"
    assert summary["spelled"] == "BCB"
    assert not any(row["late"] for row in live)
    folder = tmp_path / "session"
    assert same_decisions(live, replayed(folder / summary["recording"], folder / "session.decoder"))
