"""When responses come, for a training that finds none where they should be."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, EpochSpec
from calibration.p300.epochs import EpochSet
from calibration.p300.recorded_epochs import epochs_of

__all__ = ["HARDLY_ANY", "misplaced_response"]

HARDLY_ANY = 0.6
"""Below this AUC of held-out flashes there is hardly a response where it is looked for."""

EARLIEST_S, LATEST_S, STEP_S = -1.0, 1.5, 0.05
# Responses to a flash that was seen are strongest here. Farther away the markers are wrong.
USUAL_S = (0.1, 0.7)
# Fifty latencies of 64 channels without a response stay below this in 99.99 of 100 cases.
CERTAIN_Z = 6.0


def misplaced_response(paths: Sequence[Path], config: Config, trials: frozenset[int]) -> str:
    """Return one line if responses come at another time than flashes allow; empty otherwise.

    Parameters
    ----------
    paths : sequence of Path
        The recordings of a training.
    config : Config
        Of the training.
    trials : frozenset of int
        The letters that were chosen; all if empty.

    Returns
    -------
    line : str
        When the response is strongest, and what to do.

    Raises
    ------
    BciError
        As `epochs_of` does.

    See Also
    --------
    bci_online.paradigms.p300.alignment.Alignment : Notices it while a subject spells.

    Examples
    --------
    A simulated subject, trained on with the display said to be half a second late:

    >>> import tempfile
    >>> from bci_online.config import MarkerStream, Presentation, Simulation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> config = Config(
    ...     presentation=Presentation(repetitions=6),
    ...     simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz"), p300_uv=15.0),
    ... )
    >>> wrong = msgspec.structs.replace(config, markers=MarkerStream(display_delay=0.5))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = Path(folder) / "run.xdf"
    ...     duration = write_recording(config, "ABCD", recording, seed=0)
    ...     misplaced_response([recording], config, frozenset()) == ""
    ...     print(misplaced_response([recording], wrong, frozenset()).partition(":")[0])
    True
    the response is strongest 0.2 s before the flash
    """
    delay = config.markers.display_delay + EARLIEST_S
    around = msgspec.structs.replace(
        config,
        markers=msgspec.structs.replace(config.markers, display_delay=delay),
        epoch=EpochSpec(tmin=0.0, tmax=LATEST_S - EARLIEST_S, step=STEP_S),
    )
    epochs = epochs_of(paths, around, trials).all()
    strength = _z(epochs)
    at = int(np.argmax(strength))
    seconds = EARLIEST_S + STEP_S * at
    first, last = USUAL_S
    if strength[at] < CERTAIN_Z or first <= seconds <= last:
        return ""
    when = f"{abs(seconds):.1f} s {'before' if seconds < 0 else 'after'} the flash"
    return (
        f"the response is strongest {when}: the markers come {'late' if seconds < 0 else 'early'}; "
        "measure with bci-online doctor --photodiode, and set markers.display_delay and "
        "markers.amplifier_delay"
    )


def _z(epochs: EpochSet) -> NDArray[np.float64]:
    """Return how surely targets and others differ at each latency, on the best channel (t,)."""
    target, other = epochs.X[epochs.y], epochs.X[~epochs.y]
    if len(target) < 2 or len(other) < 2:
        return np.zeros(epochs.X.shape[2])
    variance = target.var(axis=0, ddof=1) / len(target) + other.var(axis=0, ddof=1) / len(other)
    difference = np.abs(target.mean(axis=0) - other.mean(axis=0))
    z = np.divide(difference, np.sqrt(variance), out=np.zeros_like(difference), where=variance > 0)
    return np.asarray(z.max(axis=0))
