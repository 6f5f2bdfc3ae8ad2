"""Pictures of motor imagery: power by class, spatial patterns."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import signal

from bci_online.config import Preprocessing
from bci_online.decoding.decoder import Decoder
from bci_online.page.blocks import Picture
from calibration.head_pictures import placed
from calibration.motor_imagery.window_set import NO_CLASS, WindowSet
from calibration.report.drawing import CLASSES, INK, LINE, MUTED, drawn, quiet_axes
from calibration.report.flashes import clustered_mean
from calibration.report.scalp import draw_map

__all__ = ["TrialPower", "draw_band_power", "draw_differences", "draw_patterns", "trial_power"]

Floats = NDArray[np.float64]
MOST_MAPS = 4
MOST_EFFECTS = 12


class TrialPower:
    """Power of each trial's windows, in dB.

    Parameters
    ----------
    spectra : ndarray, shape (n_trials, n_channels, n_freqs)
        In dB.
    band : ndarray, shape (n_trials, n_channels)
        In the pass band, in dB.
    y : ndarray of int, shape (n_trials,)
        Which of the classes.
    freqs : ndarray, shape (n_freqs,)
        In Hz.

    See Also
    --------
    trial_power : Computes it from windows.

    Examples
    --------
    >>> band = np.array([[1.0, 5.0], [1.0, 9.0]])  # the second channel differs between the classes
    >>> power = TrialPower(np.zeros((2, 2, 1)), band, np.array([0, 1]), np.array([10.0]))
    >>> power.difference(1).tolist(), power.telling(2).tolist()
    ([0.0, 4.0], [1, 0])
    """

    def __init__(self, spectra: Floats, band: Floats, y: NDArray[np.int64], freqs: Floats) -> None:
        self.spectra, self.band, self.y, self.freqs = spectra, band, y, freqs

    def difference(self, label: int) -> Floats:
        """Return how many dB more power a class has than the others, shape (n_channels,)."""
        return np.asarray(
            self.band[self.y == label].mean(axis=0) - self.band[self.y != label].mean(axis=0)
        )

    def telling(self, n_classes: int) -> NDArray[np.int64]:
        """Return the channels, first those where classes differ most relative to their spread."""
        spread = np.sqrt(np.mean([self.band[self.y == c].var(axis=0) for c in range(n_classes)], 0))
        means = np.array([self.band[self.y == c].mean(axis=0) for c in range(n_classes)])
        return np.argsort(-np.ptp(means, axis=0) / np.maximum(spread, 1e-12), kind="stable")


def trial_power(windows: WindowSet) -> TrialPower:
    """Return the power of each trial of known class: the mean periodogram of its windows.

    Parameters
    ----------
    windows : WindowSet
        As the chain cut them.

    Returns
    -------
    power : TrialPower
        Trials without a window are left out.

    See Also
    --------
    draw_band_power : Draws it.

    Examples
    --------
    >>> from calibration.motor_imagery.windows import ImageryTrial, WindowSet
    >>> wave = np.sin(2 * np.pi * 12 * np.arange(250) / 250)  # 12 Hz in the first channel
    >>> windows = WindowSet(
    ...     X=(np.stack([wave, 0.1 * wave]),), y=np.array([0]), trial=np.array([0]),
    ...     run=np.array([0]), time=np.array([1.0]), peak_to_peak=np.ones((1, 2)), rejected={},
    ...     classes=("left",), trials=(ImageryTrial(0, "left", 0.0),),
    ...     preprocessing=Preprocessing(ch_names=("C3", "C4"), sfreq=250.0),
    ... )
    >>> power = trial_power(windows)
    >>> power.freqs[power.spectra[0, 0].argmax()].item()
    12.0
    >>> round((power.spectra[0, 0] - power.spectra[0, 1])[power.freqs == 12.0].item())  # 20 log 10
    20
    """
    own = windows.preprocessing
    n_bands = len(own.filter.bands)
    known = np.flatnonzero(windows.y != NO_CLASS)
    numbers, first = np.unique(windows.trial[known], return_index=True)
    spectra = []
    for number in numbers:
        rows = np.flatnonzero(windows.trial == number)
        total: Floats | float = 0.0
        for row in rows:
            freqs, power = signal.periodogram(windows.X[row], own.sfreq, "hann")
            # The bands of a filter bank lie side by side: their sum is the signal.
            total = total + power.reshape(n_bands, -1, freqs.size).sum(axis=0)
        spectra.append(total / rows.size)
    linear = np.maximum(np.array(spectra), np.finfo(float).tiny)
    inside = (freqs >= own.filter.l_freq) & (freqs <= own.filter.h_freq)
    shown = (freqs >= own.filter.l_freq - 2) & (freqs <= own.filter.h_freq + 5)
    return TrialPower(
        10 * np.log10(linear[:, :, shown]),
        10 * np.log10(linear[:, :, inside].mean(axis=2)),
        windows.y[known][first],
        freqs[shown],
    )


def draw_band_power(power: TrialPower, own: Preprocessing, classes: Sequence[str]) -> Picture:
    """Draw each class's mean spectrum, with 95 % bands over trials, where classes differ most.

    Parameters
    ----------
    power : TrialPower
        Of each trial.
    own : Preprocessing
        Names the channels and the band.
    classes : sequence of str
        Their names, in the order of ``power.y``.

    Returns
    -------
    picture : Picture
        One panel for each of the three channels that differ most.

    See Also
    --------
    draw_differences : The same on a head.
    """
    order = power.telling(len(classes))[:3]
    names = [own.ch_names[channel] for channel in order]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, len(order), sharey=True, squeeze=False)[0]
        for axis, channel in zip(axes, order, strict=True):
            quiet_axes(axis)
            axis.axvspan(own.filter.l_freq, own.filter.h_freq, color=LINE, alpha=0.35, linewidth=0)
            for label, name in enumerate(classes):
                colour = CLASSES[label % len(CLASSES)]
                values = power.spectra[power.y == label, channel]
                mean, half = clustered_mean(values, np.arange(len(values)))
                axis.plot(power.freqs, mean, color=colour, label=name)
                axis.fill_between(
                    power.freqs, mean - half, mean + half, color=colour, alpha=0.22, linewidth=0
                )
            axis.set(title=own.ch_names[channel], xlabel="Hz")
            axis.set_xlim(power.freqs[0], power.freqs[-1])
        axes[0].set_ylabel("power, dB")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=3)

    counts = ", ".join(f"{int((power.y == n).sum())} {name}" for n, name in enumerate(classes))
    return drawn(
        draw,
        2.7,
        f"Mean power spectrum of each class at {', '.join(names)}, with 95 % bands.",
        f"Power of the windows that are scored, mean of {counts} trials with 95 % bands over "
        "trials; shaded: the filter's band. These are the sensors where the classes differ most "
        "relative to their spread. They were chosen for it, so the difference looks too large.",
    )


def draw_differences(power: TrialPower, own: Preprocessing, classes: Sequence[str]) -> Picture:
    """Draw where one class has more power: on heads, and for two classes sensor by sensor.

    Parameters
    ----------
    power : TrialPower
        Of each trial.
    own : Preprocessing
        Names the channels and the band.
    classes : sequence of str
        Their names, in the order of ``power.y``.

    Returns
    -------
    picture : Picture
        Heads only for channels with a known place.

    See Also
    --------
    draw_band_power : The spectra.
    calibration.report.scalp.draw_map : One head.
    """
    rows, places, _ = placed(own.ch_names)
    labels = [1] if len(classes) == 2 else list(range(min(len(classes), MOST_MAPS)))
    on_heads = labels if rows else []
    n_panels = len(on_heads) + (len(classes) == 2)

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, max(n_panels, 2), squeeze=False)[0]
        for axis, label in zip(axes, on_heads, strict=False):
            draw_map(axis, figure, power.difference(label)[rows], places, "dB")
            others = classes[0] if len(classes) == 2 else "the others"
            axis.set_title(f"{classes[label]} minus {others}")
        if len(classes) == 2:
            _draw_effects(axes[len(on_heads)], power, own.ch_names)
        for axis in axes[n_panels:]:
            axis.set_axis_off()

    band = f"{own.filter.l_freq:g}–{own.filter.h_freq:g} Hz"
    text = f"Difference of the mean power at {band} after the cue, in dB."
    if len(classes) == 2:
        text += f" Right: the best sensors, {classes[1]} minus {classes[0]}, 95 % intervals."
    return drawn(draw, 2.9, f"Differences in {band} power between classes, by sensor.", text)


def _draw_effects(axis: Axes, power: TrialPower, ch_names: Sequence[str]) -> None:
    """Draw the difference of two classes, with 95 % intervals, at the best sensors."""
    order = power.telling(2)[:MOST_EFFECTS]
    groups = [power.band[power.y == label][:, order] for label in (0, 1)]
    (first, first_half), (second, second_half) = (
        clustered_mean(values, np.arange(len(values))) for values in groups
    )
    at = np.arange(len(order))[::-1]
    axis.errorbar(
        second - first, at, xerr=np.hypot(first_half, second_half), fmt="o", markersize=4,
        color=INK, ecolor=MUTED, elinewidth=1.2,
    )  # fmt: skip
    axis.axvline(0, color=MUTED, linewidth=0.7)
    axis.set_yticks(at, [ch_names[channel] for channel in order])
    axis.set_xlabel("dB")
    axis.grid(axis="x")
    axis.tick_params(length=0)
    axis.spines["left"].set_visible(False)


def draw_patterns(decoder: Decoder) -> Picture | None:
    """Draw what each spatial filter picks up; None if there is no filter, or no place on a head.

    Parameters
    ----------
    decoder : Decoder
        Of imagery.

    Returns
    -------
    picture : Picture or None
        None if there is no filter, or no channel has a place on a head.

    See Also
    --------
    bci_online.decoding.spatial.SpatialDecoder : Has such filters.
    """
    filters, reference = decoder.arrays.get("filters"), decoder.arrays.get("reference")
    own = decoder.header.preprocessing
    rows, places, _ = placed(own.ch_names)
    if filters is None or reference is None or not rows:
        return None
    # Not the row of idle, which has no filters of its own.
    coef = decoder.arrays["coef"][: len(decoder.header.classes)]
    order = np.argsort(-np.ptp(coef, axis=0), kind="stable")[:MOST_MAPS]
    bands, n_filters = own.filter.bands, filters.shape[1]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, max(len(order), 2), squeeze=False)[0]
        for axis in axes[len(order) :]:
            axis.set_axis_off()
        for axis, place in zip(axes, order, strict=False):
            band, number = divmod(int(place), n_filters)
            weights = filters[band, number]
            pattern = reference[band] @ weights
            label = int(coef[:, place].argmax())
            draw_map(axis, figure, pattern[rows], places)
            low, high = bands[band]
            title = f"{low:g}–{high:g} Hz\npower: {decoder.header.classes[label]}"
            axis.set_title(title, color=CLASSES[label % len(CLASSES)])

    return drawn(
        draw,
        2.6,
        "Scalp maps of the patterns of the spatial filters with the largest weights.",
        "What each spatial filter picks up: the covariance of the training windows times the "
        "filter; which sign is red is arbitrary. More power there makes the named class likelier.",
    )
