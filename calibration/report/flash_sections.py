"""The sections of a report about flashes: response, sensors, scores, letters and time."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader, DecoderMetrics, Expected
from bci_online.messages import unit_name
from bci_online.page.blocks import Html, Picture, figure, paragraph, table
from bci_online.page.document import section
from bci_online.preprocessing.artefacts import artefacts
from calibration.head_pictures import placed
from calibration.p300.epochs import EpochSet
from calibration.p300.sensor_figure import Point, paint_paths
from calibration.report.drawing import drawn
from calibration.report.flashes import draw_histogram, draw_responses, draw_speed
from calibration.report.material import Material
from calibration.report.scalp import draw_heads
from calibration.report.wording import auc_text

__all__ = ["flash_sections"]

Section = tuple[str, Html]
Floats = NDArray[np.float64]
APART_S = 0.1
SPLITS = {"run": "run", "block": "part of the recording"}
"""What each fold of an evaluation leaves out."""


class _Flashes(NamedTuple):
    """Epochs without artefacts, on the decoder's sensors and on all recorded sensors."""

    own: EpochSet
    everything: EpochSet
    n_artefacts: int

    def responses(self) -> list[tuple[float, Floats]]:
        """Return the two latencies, at least 0.1 s apart, where targets and others differ most.

        Each comes with targets minus others at all sensors, shape (n_channels,).
        """
        X, y = self.everything.X, self.everything.y
        difference = X[y].mean(axis=0) - X[~y].mean(axis=0)
        latencies = self.everything.preprocessing.epoch.latencies
        strength = (difference**2).mean(axis=0)
        first = int(np.argmax(strength))
        second = int(np.argmax(strength * (np.abs(latencies - latencies[first]) >= APART_S)))
        return [(float(latencies[at]), difference[:, at]) for at in (first, second)]


def flash_sections(material: Material, missing: list[str]) -> list[Section]:
    """Return the sections; add what cannot be shown to `missing`, with the way out.

    Parameters
    ----------
    material : Material
        Of a decoder of flashes.
    missing : list of str
        What cannot be shown is added.

    Returns
    -------
    sections : list of (str, Html)
        Title and content of each.

    See Also
    --------
    calibration.report.imagery_sections.imagery_sections : The same for imagery.
    calibration.report.sections.report_page : The whole page.
    """
    header = material.decoder.header
    flashes = _clean(material)
    if flashes is None:
        missing.append("The response to flashes: name the recordings (--recordings).")
    weights = _weights(material)
    sections = [] if flashes is None else [_responses(flashes, weights)]
    sections.append(_sensors(material, flashes, weights, missing))
    if header.held_out is not None and header.held_out.edges:
        text = auc_text(header)
        split = SPLITS.get(DecoderMetrics.of(header.metrics).split or "", "letter")
        picture = draw_histogram(header.held_out, split, f"AUC {text}." if text else "")
        sections.append(section("Held-out scores", figure(picture)))
    else:
        missing.append("Held-out scores: the decoder file has none; train it with evaluation.")
    if header.tried:
        sections.append(section("Methods tried", _tried_table(header)))
    if len(header.expected) > 1:
        blocks = figure(draw_speed(header.expected)), _speed_table(header.expected)
        sections.append(section("Letters and time", *blocks))
    else:
        missing.append("Letters against repetitions: fewer than three letters were held out.")
    return sections


def _clean(material: Material) -> _Flashes | None:
    if material.recorded is None:
        return None
    everything = material.recorded.all()
    own = material.recorded.of(material.decoder.header.preprocessing.ch_names)
    kept = ~artefacts(own.peak_to_peak, material.decoder.limits)
    if min(own.y[kept].sum(), (~own.y[kept]).sum()) == 0:
        return None
    return _Flashes(own[kept], everything[kept], int((~kept).sum()))


def _weights(material: Material) -> Floats | None:
    """Return the norm of the weights of each sensor (n_channels,); None for networks."""
    coef = material.decoder.arrays.get("coef")
    if coef is None or material.decoder.header.kind != "linear":
        return None
    return np.asarray(np.linalg.norm(coef, axis=1))


def _responses(flashes: _Flashes, weights: Floats | None) -> Section:
    own = flashes.own.preprocessing
    rows = flashes.own
    difference = rows.X[rows.y].mean(axis=0) - rows.X[~rows.y].mean(axis=0)
    strength = np.abs(difference).max(axis=1) if weights is None else weights
    order = np.argsort(-strength, kind="stable").tolist()
    which = "of the largest weights" if weights is not None else "of the largest responses"
    band = f"{own.filter.l_freq:g}–{own.filter.h_freq:g} Hz"
    text = (
        f"Left out as artefacts: {flashes.n_artefacts}. The signal is the one the decoder sees: a "
        f"causal filter ({band}) delays what happens in the brain."
    )
    if len(order) > 9:
        text = f"The nine sensors {which} of {len(order)}. {text}"
    picture = draw_responses(rows, order, text)
    return section("The response", figure(picture))


def _sensors(
    material: Material, flashes: _Flashes | None, weights: Floats | None, missing: list[str]
) -> Section:
    header = material.decoder.header
    blocks: list[Html] = []
    picture = _heads(header, flashes, weights)
    if picture is not None:
        blocks.append(figure(picture))
    names = (
        header.preprocessing.ch_names
        if flashes is None
        else (flashes.everything.preprocessing.ch_names)
    )
    nowhere = placed(names)[2]
    if nowhere:
        text = f"Not on a map, for lack of a place in the 10-10 system: {', '.join(nowhere)}."
        blocks.append(paragraph(text, "note"))
    if weights is None:
        missing.append("Sensor weights: a network has none.")
    else:
        order = np.argsort(-weights, kind="stable")
        total = float(weights.sum()) or 1.0
        rows = [
            (header.preprocessing.ch_names[row], f"{100 * weights[row] / total:.1f}")
            for row in order
        ]
        blocks.append(_columns(rows))
    if material.paths:
        blocks.append(figure(_path_picture(material)))
    else:
        missing.append(
            "Accuracy against the number of sensors, which takes minutes: add --sensor-path and "
            "the recordings."
        )
    return section("Sensors", *blocks)


def _columns(rows: list[tuple[str, str]]) -> Html:
    """Return sensors and their shares, at most four pairs beside each other."""
    n_lines = -(-len(rows) // 4)
    n_pairs = -(-len(rows) // n_lines)
    filled = rows + [("", "")] * (n_pairs * n_lines - len(rows))
    lines = [
        [cell for pair in range(n_pairs) for cell in filled[pair * n_lines + line]]
        for line in range(n_lines)
    ]
    caption = "Share of each sensor in the weights (norms of scaled weights), %"
    return table(("sensor", "%") * n_pairs, lines, caption, kind="pairs")


def _heads(
    header: DecoderHeader, flashes: _Flashes | None, weights: Floats | None
) -> Picture | None:
    """Return weights and response on heads; without recordings only the weights."""
    own = header.preprocessing.ch_names
    names = own if flashes is None else flashes.everything.preprocessing.ch_names
    shown = np.zeros(len(names))
    for name, weight in zip(own, () if weights is None else weights, strict=weights is not None):
        shown[names.index(name)] = weight
    responses = [] if flashes is None else flashes.responses()
    return draw_heads(names, shown, responses, unit_name(header.preprocessing.unit))


def _path_picture(material: Material) -> Picture:
    header = material.decoder.header
    found, n = DecoderMetrics.of(header.metrics), len(header.preprocessing.ch_names)
    points: list[Point] = []
    area, low, high = found.auc, found.auc_low, found.auc_high
    if isinstance(area, float):
        ends = (low, high) if isinstance(low, float) and isinstance(high, float) else (area, area)
        points.append((f"this decoder ({header.method}): {n}", n, area, ends))
    return drawn(
        lambda figure: paint_paths(figure, material.paths, points),
        3.4,
        "Held-out AUC against the number of sensors, along the paths of gsvm-2 and gsvm-a.",
        "Every fold ranks the sensors itself, and makes the weights of those chosen; bands are "
        "95 % intervals over whole letters. Rings: the fewest sensors within one standard error "
        "of the best. The diamond is this decoder's own held-out figure, from its outer folds.",
    )


def _tried_table(header: DecoderHeader) -> Html:
    rows = [
        (
            one.method,
            f"to {one.h_freq:g} Hz, every {1000 * one.step:g} ms",
            f"{one.held_out[1]:.3f}",
            f"{one.held_out[0]:.3f}–{one.held_out[2]:.3f}",
            f"{one.behind:.3f} ± {one.error:.3f}",
            f"{one.seconds:.1f}",
        )
        for one in header.tried
    ]
    names = ("method", "epochs", "held-out AUC", "95 %", "behind the best one", "s")
    caption = (
        f"{header.method} was taken: the simplest that is at most one standard error behind the "
        "best; a sum of two is taken only if it is surely better. These folds are within the "
        "training epochs; the figures above come from other folds."
    )
    return table(names, rows, caption)


def _speed_table(expected: Sequence[Expected]) -> Html:
    rows = []
    for one in expected:
        low, middle, high = (100 * part for part in one.right)
        rows.append(
            (
                "stopping rule" if one.repetitions == 0 else str(one.repetitions),
                f"{middle:.0f}",
                f"{low:.0f}–{high:.0f}",
                f"{one.seconds[1]:.1f}",
                f"{one.bits_per_min[1]:.1f}",
                f"{one.bits_per_min[0]:.1f}–{one.bits_per_min[2]:.1f}",
            )
        )
    header = ("repetitions", "right, %", "95 %", "s per letter", "bit/min", "95 %")
    return table(header, rows, f"{expected[0].letters} held-out letters")
