"""`bci-online streams`: what is on the network."""

import sys
from typing import TYPE_CHECKING

from bci_online.commands.options import JsonLines
from bci_online.console import json_line, plain
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import parse_json

if TYPE_CHECKING:
    from bci_online.acquisition.lsl import StreamListing

__all__ = ["streams"]

# A rate is judged by five seconds, and liblsl needs about one to begin.
JUDGE_S = 7.0
COLUMNS = "name", "type", "source_id", "host", "channels", "nominal Hz", "measured Hz", "offset"


def streams(json: JsonLines = "") -> None:
    """List what is on the network: rates, losses, clock offsets, what is wrong with an EEG."""
    as_json = parse_json(json)
    end_soon_after_interrupt()
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from bci_online.acquisition.lsl import list_streams
    from bci_online.preprocessing.lost_samples import n_lost

    found = list_streams(judge_s=JUDGE_S, count_lost=n_lost)
    if as_json:
        for stream in found:
            sys.stdout.write(json_line(stream))
        return
    table = Table(*COLUMNS, title=f"streams: {len(found)}", title_justify="left")
    for stream in found:
        table.add_row(*(escape(plain(cell)) for cell in _cells(stream)))
    console = Console(highlight=False)
    console.print(table)
    for stream in found:
        for line in (*_counted(stream), *stream.findings):
            console.print(escape(plain(f"{stream.name}: {line}")), soft_wrap=True)


def _cells(stream: "StreamListing") -> tuple[str, ...]:
    """Return a row of the table, in the order of ``COLUMNS``."""
    measured = "" if stream.measured_sfreq is None else f"{stream.measured_sfreq:.2f}"
    offset = "no answer" if stream.offset is None else f"{1000 * stream.offset:.2f} ms"
    channels = f"{stream.n_channels} {stream.format}"
    nominal = f"{stream.sfreq:g}"
    return (
        stream.name, stream.type, stream.source_id, stream.host, channels, nominal, measured, offset
    )  # fmt: skip


def _counted(stream: "StreamListing") -> list[str]:
    """Return what was lost, and the impedances that the stream states."""
    known = [one for one in stream.impedances if one is not None]
    lines = [f"{stream.n_lost} samples lost in {JUDGE_S:g} s"] if stream.n_lost else []
    return lines + ([f"impedances {min(known):g} to {max(known):g} kΩ"] if known else [])
