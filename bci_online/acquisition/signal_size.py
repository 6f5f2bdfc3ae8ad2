"""How much the channels of a stream move, against what EEG in microvolts does."""

from collections.abc import Mapping

import numpy as np

from bci_online.counted import rounded, some
from bci_online.input_findings import InputFinding
from bci_online.messages import StreamSpec

__all__ = ["size_findings"]

# Microvolts, peak to peak within a second. Below it is no EEG but volts with a wrong name, above it
# neither.
SMALLEST, LARGEST = 0.1, 1000.0
MOVES = "moves by {size} microvolts within a second"


def size_findings(spec: StreamSpec, sizes: Mapping[str, float]) -> list[InputFinding]:
    """Return what is wrong with how much channels move.

    Parameters
    ----------
    spec : StreamSpec
        In microvolts.
    sizes : mapping of str to float
        By how much channels move within a second, usually.

    Returns
    -------
    findings : list of InputFinding
        One at most.

    See Also
    --------
    bci_online.acquisition.stream_survey.StreamSurvey : Measures it.

    Examples
    --------
    >>> spec = StreamSpec(name="amp", sfreq=250.0, ch_names=("Cz",), ch_types=("EEG",))
    >>> [finding.line for finding in size_findings(spec, {"Cz": 2.6e-5})]
    ['eeg.unit = "volts"']
    """
    size = float(np.nanmedian([*sizes.values()]))
    if not np.isfinite(size):
        return []
    if SMALLEST <= size <= LARGEST:
        return _small_findings({name: one for name, one in sizes.items() if one < SMALLEST})
    bound = f"below {SMALLEST:g}" if size < SMALLEST else f"above {LARGEST:g}"
    what = f"{MOVES.format(size=rounded(size))}, {bound}: that is no EEG in microvolts"
    # What is called by another unit than it has: each unit has its own range of sizes.
    words = [
        unit
        for unit, factor in (("volts", 1e6), ("millivolts", 1e3), ("microvolts", 1.0))
        if 1 <= size / spec.factor * factor < LARGEST
    ]
    line = f'eeg.unit = "{words[0]}"' if words else ""
    return [
        InputFinding(
            "size",
            f"stream {spec.name!r}",
            what,
            f"set eeg.unit, such as {line}" if line else "set eeg.unit, or look at the electrodes",
            line,
        )
    ]


def _small_findings(small: Mapping[str, float]) -> list[InputFinding]:
    if not small:
        return []
    size = MOVES.format(size=rounded(max(small.values())))
    return [
        InputFinding(
            "size",
            f"channel{'s' if len(small) > 1 else ''} {some([*small])}",
            f"{size}, other channels by much more: another unit, or not connected",
            "correct the sender, or leave channels out with eeg.exclude",
        )
    ]
