"""The sections of a report about motor imagery: power, patterns, confusion."""

from collections.abc import Mapping, Sequence

from bci_online.config import DecoderHeader
from bci_online.page.blocks import Html, figure, paragraph, table
from bci_online.page.document import section
from calibration.head_pictures import placed
from calibration.report.imagery import draw_band_power, draw_differences, draw_patterns
from calibration.report.material import Material
from calibration.report.trial_power import trial_power

__all__ = ["imagery_sections"]

Section = tuple[str, Html]


def imagery_sections(material: Material, missing: list[str]) -> list[Section]:
    """Return the sections; add what cannot be shown to `missing`, with the way out.

    Parameters
    ----------
    material : Material
        Of a decoder of imagery.
    missing : list of str
        What cannot be shown is added.

    Returns
    -------
    sections : list of (str, Html)
        Title and content of each.

    See Also
    --------
    calibration.report.flash_sections.flash_sections : The same for flashes.
    calibration.report.sections.report_page : The whole page.
    """
    header = material.decoder.header
    own, classes = header.preprocessing, header.classes
    sections: list[Section] = []
    confusion = {} if header.held_out is None else header.held_out.confusion
    if confusion:
        sections.append(section("Asked for and decided", *_confusion(confusion, classes)))
    else:
        missing.append("The confusion matrix: the decoder file has none; train it with evaluation.")
    if header.tried:
        sections.append(section("Methods tried", _tried_table(header)))
    nowhere = placed(own.ch_names)[2]
    blocks: list[Html] = []
    if material.windows is None:
        missing.append("Power by class: name the recordings (--recordings).")
    else:
        power = trial_power(material.windows)
        blocks += [
            figure(draw_differences(power, own, classes)),
            figure(draw_band_power(power, own, classes)),
        ]
    if blocks:
        sections.append(section("Power by class", *blocks))
    blocks = []
    patterns = draw_patterns(material.decoder)
    if patterns is not None:
        blocks.append(figure(patterns))
    elif header.kind == "network":
        missing.append("Spatial patterns: those of a network are not single maps.")
    elif header.kind == "covariance":
        missing.append("Spatial patterns: this method compares whole covariances, without filters.")
    if nowhere:
        text = f"Not on a map, for lack of a place in the 10-10 system: {', '.join(nowhere)}."
        blocks.append(paragraph(text, "note"))
    if blocks:
        sections.append(section("Spatial patterns", *blocks))
    return sections


def _tried_table(header: DecoderHeader) -> Html:
    rows = [
        (
            one.method,
            f"to {one.h_freq:g} Hz",
            f"{100 * one.held_out[1]:.0f}",
            f"{100 * one.held_out[0]:.0f}–{100 * one.held_out[2]:.0f}",
            f"{100 * one.behind:.1f} ± {100 * one.error:.1f}",
            f"{one.seconds:.1f}",
        )
        for one in header.tried
    ]
    names = ("method", "band", "right, %", "95 %", "behind the best one, %", "s")
    caption = (
        f"{header.method} was taken: the first that is at most one standard error behind the best. "
        "Trials are decided with their whole evidence, and each is held out in turn. The figures "
        "above come from other folds, in which the choice was made again."
    )
    return table(names, rows, caption)


def _confusion(confusion: Mapping[str, Mapping[str, int]], classes: Sequence[str]) -> list[Html]:
    """Return counts and shares; a row is what the cue asked for."""
    columns = list(dict.fromkeys(name for row in confusion.values() for name in row))
    rows = []
    for asked in (name for name in classes if name in confusion):
        row = confusion[asked]
        total = sum(row.values())
        cells = [f"{row.get(name, 0)} ({100 * row.get(name, 0) / max(total, 1):.0f} %)"
                 for name in columns]  # fmt: skip
        rows.append((asked, *cells, str(total)))
    note = (
        "Trials held out from training, decided by the stopping rule; a timeout counts as wrong. "
        "In brackets: share of the row."
    )
    return [table(("asked for", *columns, "trials"), rows), paragraph(note, "note")]
