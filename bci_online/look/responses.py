"""What the stimuli of a recording evoke: the sensor where their classes differ most."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.channel_quality import LARGEST
from bci_online.config import Preprocessing
from bci_online.messages import Epoch, Marker, unit_name
from bci_online.metrics import Z95, welch_t

__all__ = ["CERTAIN_Z", "Response", "response_of"]

CERTAIN_Z = 6.0
"""Forty latencies of 64 channels without a response stay below this in 99.99 of 100 cases."""

FEWEST = 5


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """Two classes of stimuli at the sensor where they differ most.

    Parameters
    ----------
    sensor : str
        Where.
    unit : str
        Of the values: of the signal, or ``dB`` for the power of windows of imagery.
    classes : tuple of (str, str)
        Such as target and nontarget.
    counts : tuple of (int, int)
        Stimuli of each class.
    latencies : tuple of float
        Seconds after the stimulus; empty for the power of windows.
    means, halves : tuple of two tuples of float
        Mean of each class at each latency, and the half width of its 95 % interval.
    at : int
        Index of the latency where they differ most.
    z : float
        Difference there over its standard error.

    See Also
    --------
    response_of : Finds it.

    Examples
    --------
    >>> response = Response(
    ...     sensor="Pz", unit="µV", classes=("target", "nontarget"), counts=(80, 400),
    ...     latencies=(0.2, 0.3), means=((0.0, 3.0), (0.0, -1.0)), halves=((1.0, 1.0), (0.5, 0.5)),
    ...     at=1, z=7.0,
    ... )
    >>> print(response.text)
    +4 µV at Pz at 0.30 s (80 target, 400 nontarget)
    """

    sensor: str
    unit: str
    classes: tuple[str, str]
    counts: tuple[int, int]
    latencies: tuple[float, ...]
    means: tuple[tuple[float, ...], tuple[float, ...]]
    halves: tuple[tuple[float, ...], tuple[float, ...]]
    at: int
    z: float

    @property
    def is_clear(self) -> bool:
        """Whether it is more than chance."""
        return abs(self.z) >= CERTAIN_Z

    @property
    def text(self) -> str:
        """One line for a person."""
        first, second = (mean[self.at] for mean in self.means)
        when = f" at {self.latencies[self.at]:.2f} s" if self.latencies else ""
        counts = f"{self.counts[0]} {self.classes[0]}, {self.counts[1]} {self.classes[1]}"
        size = f"{first - second:+.3g} {unit_name(self.unit)} at {self.sensor}{when} ({counts})"
        return size if self.is_clear else f"none that is clear; the largest difference is {size}"


def response_of(
    epochs: Mapping[str, Sequence[Epoch]], preprocessing: Preprocessing
) -> Response | None:
    """Return the two largest classes at the sensor where they differ most.

    Parameters
    ----------
    epochs : mapping of str to sequence of Epoch
        Of each class.
    preprocessing : Preprocessing
        What made them.

    Returns
    -------
    response : Response or None
        None for fewer than two classes, or fewer than five stimuli in one.

    See Also
    --------
    bci_online.look.stimuli.Stimuli : Collects the epochs.

    Examples
    --------
    >>> response_of({}, Preprocessing(ch_names=("Cz",), sfreq=250.0)) is None
    True
    """
    # A cue of imagery has several windows.
    n_stimuli = {label: len({one.marker for one in found}) for label, found in epochs.items()}
    chosen = [label for label in epochs if n_stimuli[label] >= FEWEST]
    labels = sorted(chosen, key=lambda label: -n_stimuli[label])[:2][::-1]
    if len(labels) < 2:
        return None
    is_power = preprocessing.window is not None
    values = [_values(epochs[label], is_power).clip(-LARGEST, LARGEST) for label in labels]
    means = [one.mean(axis=0) for one in values]
    errors = [one.std(axis=0, ddof=1) / np.sqrt(len(one)) for one in values]
    z = welch_t(*values)
    channel, at = (int(place) for place in np.unravel_index(np.abs(z).argmax(), z.shape))
    return Response(
        sensor=preprocessing.ch_names[channel],
        unit="dB" if is_power else preprocessing.unit,
        classes=(labels[0], labels[1]),
        counts=(len(values[0]), len(values[1])),
        latencies=() if is_power else tuple(preprocessing.epoch.latencies.tolist()),
        means=(tuple(means[0][channel].tolist()), tuple(means[1][channel].tolist())),
        halves=(
            tuple((Z95 * errors[0][channel]).tolist()),
            tuple((Z95 * errors[1][channel]).tolist()),
        ),
        at=at,
        z=float(z[channel, at]),
    )


def _values(epochs: Sequence[Epoch], is_power: bool) -> NDArray[np.float64]:
    """Return the signal of each epoch, or the power in dB of each cue, (n, n_channels, n_times)."""
    if not is_power:
        return np.stack([epoch.data for epoch in epochs]).astype(float)
    cues: dict[Marker, list[NDArray[np.float64]]] = {}
    for epoch in epochs:
        cues.setdefault(epoch.marker, []).append(epoch.data)
    return np.stack([np.mean(windows, axis=0) for windows in cues.values()])[:, :, np.newaxis]
