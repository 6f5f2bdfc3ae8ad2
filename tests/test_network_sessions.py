"""A live session whose decoder is a network: over LSL, recorded, decided again from the file."""

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from test_imagery_sessions import calibrated, config, feedback, replay_decides_the_same

from bci_online.config import read_config
from bci_online.runtime.simulated_recording import write_recording

pytestmark = pytest.mark.live


@cache
def recording() -> Path:
    """Return a calibration's recording that was made without LSL."""
    path = Path(mkdtemp(prefix="bci-online-tests-")) / "imagery.xdf"
    write_recording(read_config(config(path.parent, 10)), "", path, seed=2)
    return path


@pytest.mark.timeout(300)
@pytest.mark.parametrize("network", ["min2net", "fbmsnet"])
def test_a_network_decides_live_what_it_decides_from_the_recording(tmp_path, started, network):
    pytest.importorskip("torch", reason="no PyTorch (pip install 'bci-online[networks]')")
    options = ["--method", network, "--max-epochs", "8", "--no-evaluation", "--json", "-"]
    trained = calibrated(
        "train", recording(), "--config", config(tmp_path, 10), *options, "-o", tmp_path / "d"
    )
    assert trained.returncode == 0, trained.stderr
    live = feedback(tmp_path, started, tmp_path / "d", 3)

    errors = live.end()

    assert live.process.returncode == 0, errors
    summary = json.loads((tmp_path / "feedback" / "summary.json").read_text())
    engine, screen = summary["engine"], summary["screen"]
    assert (engine["presented"], engine["known"], screen["judged"]) == (6, 6, 6)
    assert screen["dropped_decisions"] == 0
    replay_decides_the_same(tmp_path / "feedback", live)
