"""Pictures of motor imagery: power by class, spatial patterns."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bci_online.config import Preprocessing
from bci_online.decoding.decoder import Decoder
from bci_online.page.blocks import Picture
from calibration.head_pictures import placed
from calibration.report.drawing import CLASSES, INK, LINE, MUTED, drawn, quiet_axes
from calibration.report.flashes import clustered_mean
from calibration.report.scalp import draw_map
from calibration.report.trial_power import TrialPower

__all__ = ["draw_band_power", "draw_differences", "draw_patterns"]

MOST_MAPS = 4
MOST_EFFECTS = 12


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
    """Draw what each spatial filter picks up; None if it has none, or no channel has a place.

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
    own = decoder.header.preprocessing
    rows, places, _ = placed(own.ch_names)
    reference = decoder.arrays.get("reference")
    # Decoders of whole covariances keep arrays of the same names, which are something else.
    if decoder.header.kind != "spatial" or reference is None or not rows:
        return None
    filters = decoder.arrays["filters"]
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
