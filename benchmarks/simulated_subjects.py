"""Simulated subjects who copy letters, as the online chain sees them; no LSL.

Each seed is another subject: other noise, another strength of response. Nothing is lost in a
simulated signal, so a session is filtered and cut at once; a test compares its epochs with those
that the chain cuts from a recording. Benchmarks then score and decide them.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.simulator import SimulatedAmplifier, simulate
from bci_online.config import (
    Config,
    FilterSpec,
    Preprocessing,
    Simulation,
    Stopping,
    preprocessing_for,
)
from bci_online.markers import Flash, TrialStart, parse_marker
from bci_online.messages import Marker
from bci_online.preprocessing.filters import FilterBank
from bci_online.runtime.no_calibration import EPOCH, SENSORS
from bci_online.runtime.simulated_recording import copy_spelling
from calibration.p300.epochs import EpochSet, Letter
from calibration.p300.recorded_epochs import RecordedEpochs

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789_"

RESPONSES_UV = (6.0, 7.0, 8.0, 9.0, 10.0)
"""Strength of the response: AUCs of single flashes from about 0.79 to 0.90."""

WIDE_RESPONSES_UV = (4.8, 6.0, 7.5, 9.5, 11.5)
"""The same with AUCs from about 0.75 to 0.92."""

NOBODY_LETTERS = 17
"""Letters of 15 repetitions in ten minutes."""

STEP_S = 4.0
"""Seconds of EEG that are made and filtered at a time."""


def configured(seed: int, rate: float, *, looks: bool = True) -> Config:
    """Return the speller for one subject, of `WIDE_RESPONSES_UV`, who may not be looking."""
    response = WIDE_RESPONSES_UV[seed % len(WIDE_RESPONSES_UV)] if looks else 0.0
    own = {} if looks else {"vep_uv": 0.0}
    return Config(
        simulation=Simulation(seed=seed, p300_uv=response, **own),
        stopping=Stopping(error_rate=rate),
    )


def uncalibrated(seed: int, *, looks: bool = True) -> Config:
    """Return the speller for one subject without calibration: its sensors, epochs and filter."""
    config = configured(seed, 0.05, looks=looks)
    own = config.simulation
    sensors = tuple(name for name in SENSORS if name in own.ch_names)
    own = msgspec.structs.replace(own, seed=seed * 10 + looks, ch_names=sensors)
    return msgspec.structs.replace(config, simulation=own, filter=FilterSpec(), epoch=EPOCH)


def copied(seed: int, configs: Sequence[Config], lengths: Sequence[int]) -> list[RecordedEpochs]:
    """Return a subject's sessions of so many random letters each, one for each configuration."""
    rng = np.random.default_rng(seed)
    recorded = []
    for part, (config, n) in enumerate(zip(configs, lengths, strict=True)):
        word = "".join(rng.choice(list(ALPHABET), n))
        simulation = msgspec.structs.replace(config.simulation, seed=seed * 10 + part)
        epochs = cut(msgspec.structs.replace(config, simulation=simulation), word)
        recorded.append(RecordedEpochs(epochs, cut_again=lambda _, epochs=epochs: epochs))
    return recorded


def cut(config: Config, word: str) -> EpochSet:
    """Return the epochs that the online chain would cut; nothing is lost, so all at once."""
    markers, duration_s = copy_spelling(config, word)
    events = [parse_marker(marker.text) for marker in markers]
    layout = config.layout.symbols_of_code
    letters: list[Letter] = []
    rows: list[tuple[Flash, float, int]] = []
    for marker, event in zip(markers, events, strict=True):
        if isinstance(event, TrialStart):
            letters.append(Letter(0, event.symbol, layout))
        elif isinstance(event, Flash):
            rows.append((event, marker.time, len(letters) - 1))
    flashes, times, letter = zip(*rows, strict=True)
    preprocessing = preprocessing_for(config, SimulatedAmplifier(config.simulation).spec)
    signal = filtered(config, markers, duration_s, preprocessing)
    positions = preprocessing.epoch.latencies * preprocessing.sfreq
    left = np.floor(positions + 1e-6).astype(int)
    share = np.where(positions - left > 1e-6, positions - left, 0.0)
    n_window = int(left[-1]) + 1 + int(share[-1] > 0)
    onsets = np.round(np.array(times) * preprocessing.sfreq).astype(int)
    windows = [signal[:, onset : onset + n_window] for onset in onsets]
    X = np.stack([window[:, left] for window in windows])
    if share.any():
        right = np.minimum(left + 1, n_window - 1)
        X += (np.stack([window[:, right] for window in windows]) - X) * share
    return EpochSet(
        X=X,
        y=np.array([bool(flash.target) for flash in flashes]),
        letter=np.array(letter),
        run=np.zeros(len(flashes), dtype=int),
        code=np.array([flash.code for flash in flashes]),
        time=np.array(times),
        peak_to_peak=np.stack([np.ptp(window, axis=1) for window in windows]),
        letters=tuple(letters),
        rejected={},
        preprocessing=preprocessing,
    )


def filtered(
    config: Config, markers: Sequence[Marker], duration_s: float, preprocessing: Preprocessing
) -> NDArray[np.float64]:
    """Return the signal of a subject who is shown the markers, (n_channels, n_times)."""
    layout, bank = (
        config.layout.symbols_of_code,
        FilterBank(preprocessing.filter, preprocessing.sfreq),
    )
    readings = simulate(config.simulation, markers, duration_s, layout=layout, step=STEP_S)
    return np.concatenate(
        [
            bank.process(np.ascontiguousarray(chunk.data.T))
            for reading in readings
            for chunk in reading.chunks
        ],
        axis=1,
    )
