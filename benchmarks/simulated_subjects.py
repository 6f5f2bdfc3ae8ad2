"""Simulated subjects who copy letters, as the online chain sees them; no LSL.

Each seed is another subject: other noise, another strength of response. A subject's recordings
are filtered and cut by the online chain once; benchmarks then score and decide their epochs.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from bci_online.acquisition.simulator import SimulatedAmplifier, simulate
from bci_online.config import Config, Simulation, Stopping
from bci_online.input_findings import InputFinding
from bci_online.messages import Reading
from bci_online.runtime.simulated_recording import copy_spelling
from calibration.p300.epochs import labelled_epochs
from calibration.p300.recorded_epochs import RecordedEpochs

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789_"

RESPONSES_UV = (6.0, 7.0, 8.0, 9.0, 10.0)
"""Strength of the response: AUCs of single flashes from about 0.79 to 0.90."""

STEP_S = 4.0
"""Seconds of EEG that the chain gets at a time: how the signal is cut changes no epoch."""


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


class _Session:
    """A session of copied letters as a recorded source: what its file would hold, without it."""

    findings: tuple[InputFinding, ...] = ()
    notes: tuple[str, ...] = ()

    def __init__(self, config: Config, word: str) -> None:
        self.spec = SimulatedAmplifier(config.simulation).spec
        markers, duration_s = copy_spelling(config, word)
        layout = config.layout.symbols_of_code
        self._readings = simulate(
            config.simulation, markers, duration_s, layout=layout, step=STEP_S
        )

    def open(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return the next seconds."""
        return next(self._readings, None)


def copied(seed: int, configs: Sequence[Config], lengths: Sequence[int]) -> list[RecordedEpochs]:
    """Return a subject's sessions of so many random letters each, one for each configuration."""
    rng = np.random.default_rng(seed)
    recorded = []
    for part, (config, n) in enumerate(zip(configs, lengths, strict=True)):
        word = "".join(rng.choice(list(ALPHABET), n))
        simulation = msgspec.structs.replace(config.simulation, seed=seed * 10 + part)
        session = _Session(msgspec.structs.replace(config, simulation=simulation), word)
        epochs = labelled_epochs([("simulated", session)], config)
        recorded.append(RecordedEpochs(epochs, cut_again=lambda _, epochs=epochs: epochs))
    return recorded
