"""Simulated subjects who copy letters, as the online chain sees them; no LSL.

Each seed is another subject: other noise, another strength of response. A subject's recordings
are filtered and cut by the online chain once; benchmarks then score and decide their epochs.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bci_online.config import Config, Simulation, Stopping
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789_"

RESPONSES_UV = (6.0, 7.0, 8.0, 9.0, 10.0)
"""Strength of the response: AUCs of single flashes from about 0.79 to 0.90."""


def configured(
    seed: int, rate: float, *, looks: bool = True, responses_uv: Sequence[float] = RESPONSES_UV
) -> Config:
    """Return the speller for one subject, who may not be looking."""
    response = responses_uv[seed % len(responses_uv)] if looks else 0.0
    own = {} if looks else {"vep_uv": 0.0}
    return Config(
        simulation=Simulation(seed=seed, p300_uv=response, **own),
        stopping=Stopping(error_rate=rate),
    )


def copied(
    seed: int, configs: Sequence[Config], lengths: Sequence[int], folder: Path
) -> list[RecordedEpochs]:
    """Return a subject's recordings of so many random letters each, one for each configuration."""
    rng = np.random.default_rng(seed)
    recorded = []
    for part, (config, n) in enumerate(zip(configs, lengths, strict=True)):
        path = folder / f"{part}.xdf"
        word = "".join(rng.choice(list(ALPHABET), n))
        write_recording(config, word, path, seed * 10 + part)
        recorded.append(epochs_of([path], config))
    return recorded
