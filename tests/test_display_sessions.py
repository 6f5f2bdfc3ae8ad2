"""A whole session with its window on a display, a virtual one."""

import pytest
from session_runs import decisions, replayed, same_decisions
from test_sessions import spelling, summary_in

pytestmark = pytest.mark.live


@pytest.mark.timeout(400)
def test_a_word_is_spelled_on_a_display_and_its_recording_decides_the_same(
    tmp_path, started, virtual_display, monkeypatch
):
    monkeypatch.setenv("DISPLAY", virtual_display)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    run = spelling(tmp_path, started, "B", windows=True)

    errors = run.end()

    assert run.process.returncode == 0, errors
    summary = summary_in(tmp_path)
    assert summary["spelled"] == "B"
    folder = tmp_path / "session"
    again = replayed(folder / summary["recording"], folder / "session.decoder")
    assert same_decisions(decisions(run.rows), again)
    # The screen saw every frame's time, as it does before a subject.
    assert summary["screen"]["frames"] > 100
