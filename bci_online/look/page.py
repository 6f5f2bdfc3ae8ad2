"""A look at a recording as one HTML page."""

from collections.abc import Sequence

from bci_online.counted import counted
from bci_online.input_findings import InputFinding
from bci_online.look.responses import Response
from bci_online.look.seen import Look, SeenChannel, SeenStream
from bci_online.look.wording import channel_lines, clock_of, rate_of, span_of
from bci_online.messages import unit_name
from bci_online.page.blocks import Html, code, details, facts, figure, lines, paragraph, table
from bci_online.page.charts import Curve, line_chart, span_chart
from bci_online.page.document import page, section

__all__ = ["look_page"]

COLOURS = {"EEG": "c0", "markers": "c1", "not read": "c4"}
# Clocks that were never compared lie so far apart that nothing else is to be seen.
FARTHEST_S = 1e7


def look_page(look: Look) -> str:
    """Return the page of a look.

    Parameters
    ----------
    look : Look
        What was found.

    Returns
    -------
    page : str
        HTML that needs no other file; every text of the recording is escaped.

    See Also
    --------
    bci_online.terminal.look_output.show_look : The same in a terminal.
    """
    n = len(look.findings)
    opening = "Nothing was found that is wrong."
    if n:
        opening = f"{counted(n, 'thing')} to know, what costs most first."
    sections = [
        section("What is wrong", _findings(look.findings)),
        section("Configuration", paragraph(CONFIGURED), code(look.toml)),
        section("Streams", *_streams(look.streams)),
    ]
    if look.channels:
        sections.append(section("Channels", *_channels(look.channels, look.unit)))
    if look.words:
        rows = [(word.text, word.meaning, str(word.n)) for word in look.words]
        words = table(("marker", "read as", "times"), rows, kind="words")
        sections.append(section("Markers", words))
    if look.channels:
        sections.append(section("Response", facts(look.facts), *_response(look.response)))
    return page(look.name, opening, sections)


CONFIGURED = "bci-calibrate train takes it as --config. All that it does not set is as usual."


def _findings(findings: Sequence[InputFinding]) -> Html:
    if not findings:
        return paragraph("Nothing was found.")
    parts = []
    for number, finding in enumerate(findings, start=1):
        parts.append(paragraph(f"{number}. {finding.what}: {finding.value}"))
        if finding.line:
            parts.append(code(finding.line))
        elif finding.setting:
            parts.append(paragraph(finding.setting, "note"))
    return Html("".join(parts))


def _streams(streams: Sequence[SeenStream]) -> list[Html]:
    blocks = []
    rows = [
        (f"#{one.number} {one.name} ({one.role})", COLOURS[one.role], one.first_s, one.last_s)
        for one in streams
        if one.first_s is not None and one.last_s is not None and one.last_s < FARTHEST_S
    ]
    if rows:
        caption = "When the samples of each stream came, in common time."
        blocks.append(figure(span_chart(rows, "s", caption)))
    header = ("", "stream", "type", "used as", "channels", "rate", "samples", "span", "clock")
    cells = [
        (
            f"#{one.number}", one.name, one.type, one.role, f"{one.n_channels} {one.format}",
            rate_of(one), str(one.n_samples), span_of(one), clock_of(one),
        )
        for one in streams
    ]  # fmt: skip
    return [*blocks, table(header, cells)]


def _channels(channels: Sequence[SeenChannel], unit: str) -> list[Html]:
    rows = [
        (
            one.name, one.type, "yes" if one.takes_part else f"no: {one.why_not}",
            f"{one.rms:.3g}", f"{100 * one.mains:.0f} %", one.fault,
        )
        for one in channels
    ]  # fmt: skip
    header = ("channel", "type", "takes part", f"RMS, {unit_name(unit)}", "mains", "fault")
    return [lines(channel_lines(channels, unit)), details("Each channel", table(header, rows))]


def _response(response: Response | None) -> list[Html]:
    if response is None:
        return [paragraph("Labels are not known, so no response can be shown.")]
    if not response.latencies:
        return [paragraph(f"Power of both classes: {response.text}.")]
    curves = [
        Curve(label, colour, mean, half)
        for label, colour, mean, half in zip(
            response.classes, ("c1", "c0"), response.means, response.halves, strict=True
        )
    ]
    unit = unit_name(response.unit)
    caption = f"Mean at {response.sensor} with 95 % bands: {response.text}."
    return [figure(line_chart(response.latencies, curves, ("s after the stimulus", unit), caption))]
