"""The terminal and the panel judge a channel alike: from the same samples, with the same words."""

import io
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
import shiboken6
from panel_fed import Fed
from rich.console import Console

from bci_online.channel_quality import Electrodes
from bci_online.gui.panel.signal_figures import SignalMeter
from bci_online.messages import Chunk, Reading, StreamSpec
from bci_online.runtime.judged_readings import JudgedReadings
from bci_online.terminal.electrode_page import page

SFREQ = 250.0
TIMES = np.arange(round(2 * SFREQ)) / SFREQ
EEG = ("Fz", "Cz", "Pz", "Oz")
# Loud channels that take no part would raise the usual RMS.
OTHERS = {"EOG1": "EOG", "EOG2": "EOG", "AUX1": "MISC", "AUX2": "MISC", "AUX3": "MISC"}
SPEC = StreamSpec(
    name="amp", sfreq=SFREQ, ch_names=(*EEG, *OTHERS),
    ch_types=("EEG",) * len(EEG) + tuple(OTHERS.values()), unit="unknown",
)  # fmt: skip


def noise(rms: float = 10.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(scale=rms, size=TIMES.size)


def hum(hz: float) -> np.ndarray:
    return noise(seed=9) + 40.0 * np.sin(2 * np.pi * hz * TIMES)


class Given:
    """One reading."""

    def __init__(self, samples: np.ndarray) -> None:
        self._left = [Reading(chunks=(Chunk(samples, TIMES),))]

    def read(self, timeout: float = 0.0) -> Reading | None:
        return self._left.pop() if self._left else None


def engine(samples: np.ndarray, ch_names: tuple[str, ...], spec: StreamSpec) -> Electrodes:
    """Return what the engine journals of these samples."""
    reading = JudgedReadings(Given(samples), spec, ch_names, lambda: 7.0).read()
    assert reading is not None
    (electrodes,) = reading.journal
    assert isinstance(electrodes, Electrodes)
    return electrodes


def terminal(electrodes: Electrodes) -> str:
    console = Console(file=io.StringIO(), width=80)
    console.print(page(electrodes))
    return console.file.getvalue()


@pytest.fixture
def fed(qapp) -> Iterator[Fed]:
    made = Fed(4)
    yield made
    made.panel.close()
    shiboken6.delete(made.panel)


def panel(fed: Fed, samples: np.ndarray, spec: StreamSpec) -> dict[str, str]:
    """Return what the panel finds wrong in these samples."""
    meter = SignalMeter(spec)
    meter.push(Chunk(samples, TIMES))
    fed.signal.waiting += [spec, meter.figures()]
    fed.panel.tick()
    return dict(fed.panel.scalp.wrong)


@pytest.mark.parametrize(
    ("flawed", "wrong"),
    [
        ({}, {}),
        ({"Cz": np.zeros(TIMES.size)}, {"Cz": "flat"}),
        ({"Cz": np.clip(noise(), -8.0, 8.0)}, {"Cz": "railing"}),
        ({"Cz": hum(50.0)}, {"Cz": "noisy: 89 % mains"}),
        ({"Cz": hum(60.0)}, {"Cz": "noisy: 89 % mains"}),
        ({"Cz": np.full(TIMES.size, np.nan)}, {"Cz": "flat"}),
        ({"Pz": noise(150.0)}, {"Pz": "loud"}),
        ({"Cz": hum(60.0), "Pz": noise(150.0)}, {"Cz": "noisy: 89 % mains", "Pz": "loud"}),
    ],
)
@pytest.mark.parametrize("unit", ["unknown", "microvolts"])
def test_terminal_and_panel_say_the_same_of_the_same_samples(flawed, wrong, unit, fed):
    spec = msgspec.structs.replace(SPEC, unit=unit)
    rows = {name: noise(seed=row) for row, name in enumerate(EEG)} | flawed
    rows |= {name: noise(2000.0, seed=row) for row, name in enumerate(OTHERS)}
    samples = np.stack([rows[name] for name in spec.ch_names], axis=1)

    found = panel(fed, samples, spec)
    shown = terminal(engine(samples, EEG, spec))

    assert found.keys() == wrong.keys()
    assert all(found[name].startswith(said) for name, said in wrong.items())
    assert f"{4 - len(wrong)} of 4 channels good" in shown
    assert all(said in shown for said in found.values())


def test_the_panel_judges_the_channels_that_the_engine_judges(fed):
    rows = {name: noise(seed=row) for row, name in enumerate(SPEC.ch_names)}
    rows |= {"Oz": noise(300.0), "EOG1": np.zeros(TIMES.size)}
    samples = np.stack([rows[name] for name in SPEC.ch_names], axis=1)
    electrodes = engine(samples, ("Fz", "Cz", "EOG1"), SPEC)
    fed.say(electrodes)

    found = panel(fed, samples, SPEC)

    assert found == {"EOG1": "flat"}
    assert "2 of 3 channels good" in terminal(electrodes)
