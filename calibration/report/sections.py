"""The sections of a report, in order; each says what is missing."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from bci_online.config import DecoderHeader
from bci_online.messages import unit_name
from bci_online.page.blocks import (
    Html,
    details,
    facts,
    figure,
    heading,
    lines,
    paragraph,
    table,
)
from bci_online.page.document import page, section
from bci_online.summaries import bad_channels, bad_channels_text
from calibration.networks.judged_training import judgement
from calibration.report.evidence_wording import known_facts
from calibration.report.flash_sections import flash_sections
from calibration.report.imagery_sections import imagery_sections
from calibration.report.learning import draw_learning
from calibration.report.material import Material
from calibration.report.session_wording import session_facts
from calibration.report.signal_quality import draw_signal_quality, states_of, typical_rms
from calibration.report.wording import chosen_on_all, key_facts, opening

__all__ = ["report_page"]

Section = tuple[str, Html]
# They have separate sections, or must stay private: the words to copy may be a name.
ELSEWHERE = {
    "presentation.words", "promise", "tried", "expected", "held_out", "learning", "metrics",
    "trained_on", "versions", "evidence.expected_error",
}  # fmt: skip


def report_page(material: Material, say: Callable[[str], None] = lambda _: None) -> str:
    """Return the page.

    Parameters
    ----------
    material : Material
        From `gather`.
    say : callable
        Called with each step that begins.

    Returns
    -------
    page : str
        HTML that needs no other file.

    See Also
    --------
    calibration.report.material.gather : Reads the files.
    """
    header = material.decoder.header
    missing: list[str] = []
    say("pictures")
    if header.paradigm == "p300":
        middle = flash_sections(material, missing)
    else:
        middle = imagery_sections(material, missing)
    if header.learning is not None:
        judged = judgement(header.learning, len(header.classes))
        drawn = figure(draw_learning(header.learning))
        middle.append(section("Training of the network", drawn, lines(judged)))
    elif header.kind == "network":
        missing.append("How the network was trained: the decoder does not say; train it anew.")
    say("signal")
    tail = [*_sessions(material), *_signal(material, missing), _made(header)]
    first = [facts(key_facts(header))]
    if caution := chosen_on_all(header):
        first.append(paragraph(caution, "note"))
    if missing:
        first += [heading("Not on this page"), lines(missing)]
    known = section("What it knows", facts(known_facts(header)))
    sections = [section("What to expect", *first), *middle, known, *tail]
    return page(f"Decoder report: {header.method}", opening(header), sections)


def _sessions(material: Material) -> list[Section]:
    if not material.sessions:
        return []
    blocks = [facts(session_facts(summary)) for summary in material.sessions]
    note = (
        "The decoder was not trained on this recording: its replay shows the results on new data."
    )
    return [section("This session", paragraph(note), *blocks)]


def _signal(material: Material, missing: list[str]) -> list[Section]:
    if not material.qualities:
        missing.append("Signal quality and losses: add the recordings (--recordings).")
        return []
    unit = unit_name(material.decoder.header.preprocessing.unit)
    states = states_of(material.qualities)
    typical = typical_rms(states)
    wrong = [
        (state.name, complaint) for state in states if (complaint := state.complaints(typical))
    ]
    rows = [
        (
            state.name,
            f"{state.rms:.4g}",
            f"{100 * state.line_noise:.0f}",
            f"{100 * state.flat:.0f}",
            f"{100 * state.railing:.0f}",
        )
        for state in states
    ]
    columns = ("channel", f"RMS, {unit}", "mains, % of power", "flat, %", "at its limit, %")
    blocks = [
        facts(_losses(material)),
        figure(draw_signal_quality(states, unit)),
        table(("channel", "what is wrong"), wrong, kind="words")
        if wrong
        else paragraph("No channel is unusual."),
        details(f"All {len(states)} channels", table(columns, rows)),
    ]
    return [section("The signal", *blocks)]


def _losses(material: Material) -> list[tuple[str, str]]:
    minutes = sum(quality.seconds for quality in material.qualities) / 60
    n, of = material.n_recordings, len(material.decoder.header.trained_on)
    what = f"{n} of the {of} trained on" if n else f"{len(material.qualities)}, none trained on"
    rows = [("recordings", f"{what}, {minutes:.1f} min")]
    source: Any = material.windows if material.recorded is None else material.recorded.all()
    if source is not None:
        losses, gaps, rejected = source.lost_samples, source.gaps, dict(source.rejected)
        bad = source.bad_channels
        untranslated = sum(source.untranslated.values())
    elif material.sessions:
        losses = sum(one.lost_samples for one in material.sessions)
        gaps = sum(one.gaps for one in material.sessions)
        untranslated = sum(sum(one.untranslated.values()) for one in material.sessions)
        bad = bad_channels(one.bad_channels for one in material.sessions)
        rejected = {}
        for one in material.sessions:
            for reason, count in one.rejected.items():
                rejected[reason] = rejected.get(reason, 0) + count
    else:
        return rows
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(rejected.items()) if count)
    kept = "flashes" if material.decoder.header.paradigm == "p300" else "windows"
    return [
        *rows,
        ("lost", f"{losses} samples in {gaps} gaps"),
        (f"{kept} rejected", reasons or "none"),
        ("bad channels", bad_channels_text(bad)),
        ("markers not read", f"{untranslated}"),
    ]


def _made(header: DecoderHeader) -> Section:
    """Return everything that decides what the decoder does, and what it was trained on."""
    rows = [
        (name, value)
        for name, value in _flattened(msgspec.to_builtins(header))
        if not any(name == part or name.startswith(f"{part}.") for part in ELSEWHERE)
    ]
    contents = [(f"{size}", digest) for size, digest in header.trained_on]
    versions = [*header.versions.items(), ("this page", f"bci-online {version('bci-online')}")]
    figures = [(name, _text(value)) for name, value in header.metrics.items()]
    blocks = [
        heading("Configuration"),
        table(("key", "value"), rows, kind="words"),
        heading("Figures in the decoder file"),
        table(("name", "value"), figures, kind="words"),
        heading("Versions"),
        table(("library", "version"), versions, kind="words"),
        heading("Recordings it was trained on"),
        table(("bytes", "SHA-256"), contents, kind="words")
        if contents
        else paragraph("The decoder names none."),
    ]
    return section("How it was made", *blocks)


def _flattened(value: object, name: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict) and value:
        parts = [_flattened(of, f"{name}.{key}" if name else str(key)) for key, of in value.items()]
        return [row for part in parts for row in part]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [(name, " · ".join(_text(part) for part in value) or "none")]
    return [(name, _text(value))]


def _text(value: object) -> str:
    if value is None or value in ("", {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return " ".join(map(_text, value))
    return str(value)
