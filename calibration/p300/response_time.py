"""When the response comes, if not when it should."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from bci_online.config import Config, EpochSpec
from bci_online.metrics import welch_t
from calibration.p300.epochs import EpochSet
from calibration.p300.recorded_epochs import epochs_of

__all__ = ["WEAK", "misplaced_response"]

WEAK = 0.75
"""Below this AUC of held-out flashes the response may come when nobody looks for it."""

EARLIEST_S, LATEST_S, STEP_S = -1.0, 1.5, 0.05
# Responses to a flash that was seen are strongest here. Farther away the markers are wrong.
USUAL_S = (0.1, 0.7)
# Fifty latencies of 64 channels without a response stay below this in 99.8 of 100 cases.
CERTAIN_Z = 5.0


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
    calibration.p300.response_change.response_change : Whether it comes later from some letter on.
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
    latencies = EpochSpec(tmin=0.0, tmax=LATEST_S - EARLIEST_S, step=STEP_S)
    epochs = epochs_from(EARLIEST_S, latencies, paths, config, trials)
    strength = np.abs(welch_t(epochs.X[epochs.y], epochs.X[~epochs.y])).max(axis=0)
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


def epochs_from(
    first_s: float,
    latencies: EpochSpec,
    paths: Sequence[Path],
    config: Config,
    trials: frozenset[int],
) -> EpochSet:
    """Return epochs that begin `first_s` seconds after each flash, or before it."""
    delay = config.markers.display_delay + first_s
    shifted = msgspec.structs.replace(config.markers, display_delay=delay)
    around = msgspec.structs.replace(config, markers=shifted, epoch=latencies)
    return epochs_of(paths, around, trials).all()
