"""Pictures of a speller: the response to flashes, held-out scores, letters against repetitions."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import t as student

from bci_online.config import Expected, HeldOut
from bci_online.messages import unit_name
from bci_online.page.blocks import Picture
from calibration.folds import NO_LETTER, units
from calibration.p300.epochs import EpochSet
from calibration.report.drawing import INK, MUTED, NONTARGET, TARGET, drawn, quiet_axes

__all__ = ["clustered_mean", "draw_histogram", "draw_responses", "draw_speed"]

Floats = NDArray[np.float64]
MOST_PANELS = 9


def clustered_mean(values: Floats, units: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return a mean and the half width of its 95 % interval, with whole units as the sample.

    Parameters
    ----------
    values : ndarray, shape (n, ...)
        For instance epochs.
    units : ndarray of int, shape (n,)
        Letter, run or trial of each value: the values of one unit are not independent.

    Returns
    -------
    mean, half : ndarray, shape (...)
        ``half`` is NaN with fewer than two units.

    See Also
    --------
    draw_responses : Draws such bands.

    Notes
    -----
    With S_u the sum of unit u's residuals, Var = U / (U - 1) * sum_u S_u^2 / n^2, and Student's t
    with U - 1 degrees of freedom.

    References
    ----------
    Liang and Zeger (1986), Biometrika 73:13.

    Examples
    --------
    >>> values, units = np.array([1.0, 1.0, 3.0, 3.0]), np.array([0, 0, 1, 1])
    >>> mean, half = clustered_mean(values, units)
    >>> mean.item(), round(half.item(), 2)  # two independent values, not four: t is 12.71
    (2.0, 12.71)
    """
    mean = values.mean(axis=0)
    names, place = np.unique(units, return_inverse=True)
    if names.size < 2:
        return mean, np.full_like(mean, np.nan)
    sums = np.zeros((names.size, *mean.shape))
    np.add.at(sums, place, values - mean)
    variance = names.size / (names.size - 1) * (sums**2).sum(axis=0) / len(values) ** 2
    return mean, student.ppf(0.975, names.size - 1) * np.sqrt(variance)


def draw_responses(epochs: EpochSet, order: Sequence[int], text: str) -> Picture:
    """Draw the mean response to targets and to others at some sensors, with 95 % bands.

    Parameters
    ----------
    epochs : EpochSet
        Without artefacts.
    order : sequence of int
        The channels; the first nine are shown.
    text : str
        Text after the counts in the caption.

    Returns
    -------
    picture : Picture
        One panel for each channel.

    See Also
    --------
    clustered_mean : Mean and band.
    """
    own, y, drawn_as_whole = epochs.preprocessing, epochs.y, units(epochs)
    times = 1000 * own.epoch.latencies
    shown = list(order[:MOST_PANELS])
    n_columns = min(3, len(shown))
    n_rows = -(-len(shown) // n_columns)
    bands = [clustered_mean(epochs.X[rows][:, shown], drawn_as_whole[rows]) for rows in (~y, y)]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False).ravel()
        for axis in axes[len(shown) :]:
            axis.set_axis_off()
        for place, (axis, channel) in enumerate(zip(axes, shown, strict=False)):
            _draw_panel(axis, times, [(mean[place], half[place]) for mean, half in bands])
            axis.set_title(own.ch_names[channel])
            if place >= len(shown) - n_columns:
                axis.set_xlabel("ms from the flash")
                axis.tick_params(labelbottom=True)
        for axis in axes[::n_columns]:
            axis.set_ylabel(unit_name(own.unit))
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)

    whole = "letters" if (epochs.letter != NO_LETTER).all() else "tenths of a run"
    n_units = np.unique(drawn_as_whole).size
    counts = f"{int(y.sum())} target flashes and {int((~y).sum())} others in {n_units} {whole}"
    names_shown = ", ".join(own.ch_names[channel] for channel in shown)
    return drawn(
        draw,
        0.5 + 1.45 * n_rows,
        f"Mean response to target and other flashes at {names_shown}, with 95 % bands.",
        f"Mean of {counts}, with 95 % bands over whole {whole}. {text}",
    )


def _draw_panel(axis: Axes, times: Floats, bands: Sequence[tuple[Floats, Floats]]) -> None:
    quiet_axes(axis)
    axis.axhline(0, color=MUTED, linewidth=0.7)
    named = zip(("other flashes", "target"), (NONTARGET, TARGET), bands, strict=True)
    for label, colour, (mean, half) in named:
        axis.plot(times, mean, color=colour, label=label)
        axis.fill_between(times, mean - half, mean + half, color=colour, alpha=0.22, linewidth=0)
    axis.set_xlim(times[0], times[-1])


def draw_histogram(held_out: HeldOut, split: str, figures: str) -> Picture:
    """Draw how held-out evidence is spread over target and other flashes.

    `split` is what each fold left out; `figures` is the text after the counts in the caption.

    Parameters
    ----------
    held_out : HeldOut
        Counts of both classes.
    split : str
        What each fold left out.
    figures : str
        Text after the counts in the caption.

    Returns
    -------
    picture : Picture
        Shares of each class, not counts: there are more of the others.

    See Also
    --------
    draw_responses : The response itself.
    """
    edges = np.array(held_out.edges)
    counts = np.array([held_out.nontarget, held_out.target], dtype=float)
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        quiet_axes(axis)
        for label, colour, share in zip(
            ("other flashes", "target"), (NONTARGET, TARGET), shares, strict=True
        ):
            axis.stairs(share, edges, fill=True, color=colour, alpha=0.3)
            axis.stairs(share, edges, color=colour, linewidth=1.4, label=label)
        axis.axvline(0, color=MUTED, linewidth=0.7)
        axis.set(xlabel="evidence for a target (log-likelihood ratio)", ylabel="% of the flashes")
        axis.legend(loc="upper right")

    return drawn(
        draw,
        2.6,
        "Histograms of the held-out evidence of target and of other flashes.",
        f"{int(counts[1].sum())} target flashes and {int(counts[0].sum())} others, each scored by "
        f"a decoder that was trained without its {split}. {figures}",
    )


def draw_speed(expected: Sequence[Expected]) -> Picture:
    """Draw letters right and bit/min against repetitions, fixed and with the stopping rule.

    Parameters
    ----------
    expected : sequence of Expected
        First with the stopping rule, then with fixed numbers of repetitions.

    Returns
    -------
    picture : Picture
        Two panels: letters right, and bits per minute.

    See Also
    --------
    calibration.p300.expectations.expected_spelling : Where the numbers come from.
    """
    rule, fixed = expected[0], expected[1:]
    repetitions = np.array([one.repetitions for one in fixed])
    seconds = np.array([one.seconds[1] for one in fixed])
    # With the rule letters differ in length. It is drawn at the fixed number of the same seconds.
    per_repetition = (seconds[-1] - seconds[0]) / max(repetitions[-1] - repetitions[0], 1) or 1.0
    at = 1 + (rule.seconds[1] - seconds[0]) / per_repetition

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        for axis, factor, name in ((left, 100.0, "right"), (right, 1.0, "bits_per_min")):
            quiet_axes(axis)
            low, middle, high = factor * np.array([getattr(one, name) for one in fixed]).T
            axis.plot(repetitions, middle, color=NONTARGET, marker="o", markersize=3, label="fixed")
            axis.fill_between(repetitions, low, high, color=NONTARGET, alpha=0.2, linewidth=0)
            _mark(axis, at, factor * np.array(getattr(rule, name)))
            axis.set_xlabel("repetitions (stopping rule: of the same mean time)")
            axis.set_ylim(bottom=0)
            axis.set_xticks(repetitions[:: max(1, len(repetitions) // 8)])
        left.set(title="letters right, %", ylim=(0, 103))
        right.set_title("bit/min, pauses included")
        figure.legend(*left.get_legend_handles_labels(), loc="outside upper right", ncols=2)

    return drawn(
        draw,
        3.0,
        "Letters right and information rate against the number of repetitions, "
        "for fixed numbers and for the stopping rule.",
        f"From {rule.letters} held-out letters, each put together anew from its repetitions; bands "
        "and bars are 95 % intervals for so many letters. Which fixed number is best is known "
        "only afterwards; the rule is set beforehand.",
    )


def _mark(axis: Axes, at: float, interval: Floats) -> None:
    low, middle, high = interval
    errors = [[max(middle - low, 0.0)], [max(high - middle, 0.0)]]
    axis.errorbar(
        [at], [middle], errors, fmt="D", markersize=5, capsize=3, color=TARGET,
        ecolor=TARGET, label="stopping rule", markeredgecolor=INK, markeredgewidth=0.3,
    )  # fmt: skip
