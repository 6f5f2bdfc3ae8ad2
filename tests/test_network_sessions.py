"""A live session whose decoder is a network: over LSL, recorded, decided again from the file."""

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from test_imagery_sessions import config, feedback, replay_decides_the_same

from bci_online.config import read_config
from bci_online.console import run
from bci_online.runtime.simulated_recording import write_recording
from calibration.__main__ import app as calibrate

pytestmark = pytest.mark.live


@cache
def recording() -> Path:
    """Return a calibration's recording that was made without LSL."""
    path = Path(mkdtemp(prefix="bci-online-tests-")) / "imagery.xdf"
    write_recording(read_config(config(path.parent, 10)), "", path, seed=2)
    return path


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("network", "n_passes"), [("min2net", 20), ("fbmsnet", 3)])
def test_a_network_decides_live_what_it_decides_from_the_recording(
    tmp_path, started, network, n_passes
):
    pytest.importorskip("torch", reason="no PyTorch (pip install 'bci-online[networks]')")
    command = ["train", recording(), "--config", config(tmp_path, 10), "--no-evaluation"]
    command += ["--method", network, "--max-epochs", n_passes, "-o", tmp_path / "d"]
    assert run(calibrate, [*map(str, command)]) == 0
    live = feedback(tmp_path, started, tmp_path / "d", 3)

    errors = live.end()

    assert live.process.returncode == 0, errors
    summary = json.loads((tmp_path / "feedback" / "summary.json").read_text())
    engine, screen = summary["engine"], summary["screen"]
    assert (engine["presented"], engine["known"], screen["judged"]) == (6, 6, 6)
    assert screen["dropped_decisions"] == 0
    assert any(row["type"] == "decision" for row in live.rows)
    replay_decides_the_same(tmp_path / "feedback", live)
