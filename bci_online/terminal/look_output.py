"""A look at a recording, for a terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bci_online.console import plain
from bci_online.counted import counted
from bci_online.input_findings import InputFinding
from bci_online.look import Look
from bci_online.look.seen import SeenChannel, SeenStream
from bci_online.look.wording import channel_lines, clock_of, rate_of, span_of
from bci_online.messages import unit_name

__all__ = ["show_findings", "show_look"]

WIDTH = 32
"""Characters of the time axis."""


def show_look(look: Look, with_toml: bool = True) -> None:
    """Print a look: first what is wrong, last the configuration that mends it.

    Parameters
    ----------
    look : Look
        What was found.
    with_toml : bool
        Print the configuration, too.

    See Also
    --------
    bci_online.look.looking.look_at : Makes it.
    """
    console = Console(highlight=False)
    show_findings(look.findings, console, f"{plain(look.name)}: what is wrong")
    _streams(console, look.streams)
    if look.channels:
        _channels(console, look.channels, look.unit)
    if look.words:
        rows = [(word.text, str(word.n), word.meaning) for word in look.words]
        _table(console, "markers", ("marker", "times", "read as"), rows)
    for name, value in look.facts:
        _line(console, f"{name:<10}{value}")
    if look.channels:
        response = "unknown: no labels" if look.response is None else look.response.text
        _line(console, f"{'response':<10}{response}")
    if with_toml:
        console.print("\na configuration that reads it (--toml FILE writes it):")
        _line(console, look.toml)


def show_findings(
    findings: Sequence[InputFinding], console: Console, title: str, most: int | None = None
) -> None:
    """Print findings in the order of their cost, each with its way out.

    Parameters
    ----------
    findings : sequence of InputFinding
        What is wrong.
    console : rich.console.Console
        Where to print.
    title : str
        Above them.
    most : int, optional
        How many are printed.

    See Also
    --------
    show_look : Everything else.

    Examples
    --------
    >>> rate = InputFinding("rate", "stream 'amp'", "sends 200 Hz", line='eeg.sfreq = "measured"')
    >>> show_findings([rate], Console(), "run.xdf: what is wrong")
    run.xdf: what is wrong
      1  stream 'amp': sends 200 Hz
         → eeg.sfreq = "measured"
    <BLANKLINE>
    """
    console.print(f"{title}: nothing was found" if not findings else title, markup=False)
    for number, finding in enumerate(findings[:most], start=1):
        _line(console, f"{number:>3}  {finding.what}: {finding.value}")
        for way_out in (finding.line or finding.setting).splitlines():
            _line(console, f"     → {way_out}")
    console.print()


def _streams(console: Console, streams: Sequence[SeenStream]) -> None:
    end = max((one.last_s for one in streams if one.last_s is not None), default=0.0)
    console.print("streams")
    for one in streams:
        kind = f"type {one.type!r}, {counted(one.n_channels, 'channel')} {one.format}"
        _line(console, f"  #{one.number} {one.name!r}, {one.role}: {kind}, {rate_of(one)}")
        _line(console, f"     {_bar(one, end)}  {span_of(one)}, {counted(one.n_samples, 'sample')}")
        _line(console, f"     clock {clock_of(one)}")
    console.print()


def _bar(stream: SeenStream, end: float) -> str:
    if stream.first_s is None or stream.last_s is None:
        return "·" * WIDTH
    ends = (stream.first_s, stream.last_s)
    first, last = (round((WIDTH - 1) * at / end) if end else 0 for at in ends)
    return "·" * first + "━" * (last - first + 1) + "·" * (WIDTH - 1 - last)


def _channels(console: Console, channels: Sequence[SeenChannel], unit: str) -> None:
    console.print(f"channels, in {unit_name(unit)}", markup=False)
    for text in channel_lines(channels, unit):
        _line(console, f"  {text}")
    console.print()


def _table(
    console: Console, title: str, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    table = Table(*header, title=title, title_justify="left", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(escape(plain(cell)) for cell in row))
    console.print(table)
    console.print()


def _line(console: Console, text: str) -> None:
    # Never wrapped: a person copies lines of configuration from here.
    for line in text.splitlines():
        console.print(plain_line(line), markup=False, soft_wrap=True)


def plain_line(text: str) -> str:
    """Return `text` without control characters, with the blanks at its beginning."""
    return " " * (len(text) - len(text.lstrip())) + plain(text)
