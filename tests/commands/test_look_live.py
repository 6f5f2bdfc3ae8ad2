"""Streams of the network are looked at as a recording of them would be."""

import threading
import tomllib

import numpy as np
import pytest
from lsl_amplifier import LslAmplifier, marker_outlet
from session_files import rows

from bci_online.__main__ import app
from bci_online.console import run

pytestmark = pytest.mark.live


@pytest.fixture
def amplifier():
    """An amplifier whose last channel rests and that sends 200 of 250 Hz, beside markers."""
    sending, markers, stopping = LslAmplifier(sfreq=250.0), marker_outlet(), threading.Event()
    rng = np.random.default_rng(0)

    def send() -> None:
        while not stopping.wait(0.05):
            data = rng.normal(size=(10, 3)) * [20.0, 20.0, 0.0]
            sending.outlet.push(data, sending.began + np.arange(10) / 200)
            sending.began += 10 / 200
            markers.push("flash/1/target")

    thread = threading.Thread(target=send)
    thread.start()
    yield sending
    stopping.set()
    thread.join()
    sending.close()
    markers.close()


def test_a_live_stream_is_judged_by_its_samples(amplifier, capsys):
    code = run(app, ["look", amplifier.name, "--seconds", "8", "--json", "-"])

    [row] = rows(capsys.readouterr().out)
    assert code == 0
    assert {"rate", "no electrode"} <= {finding["kind"] for finding in row["findings"]}
    assert tomllib.loads(row["toml"])["eeg"] == {
        "name": amplifier.name, "sfreq": "measured", "exclude": ["Pz"],
    }  # fmt: skip
    shown = {stream["name"]: stream for stream in row["streams"]}
    assert shown[amplifier.name]["role"] == "EEG"
    assert shown[amplifier.name]["n_offsets"] > 0
    assert shown[amplifier.name]["hostname"]
    assert {"flash/1/target"} == {word["text"] for word in row["words"]}


def test_a_stream_that_is_not_there_is_refused_with_those_that_are(amplifier, capsys):
    assert run(app, ["look", "no-such-amp", "--seconds", "1"]) == 2

    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert repr(amplifier.name) in error
