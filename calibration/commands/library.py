"""`bci-calibrate library`: a folder of earlier sessions, which shorten the next calibration."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online.commands.options import JsonLines
from bci_online.counted import counted
from bci_online.interrupts import end_soon_after_interrupt

if TYPE_CHECKING:
    from calibration.p300.library.entry import Entry

__all__ = ["app"]

LibraryFolder = Annotated[Path, typer.Argument(help="the library's folder")]

app = typer.Typer(
    help="Keep epochs of earlier sessions, without anything that names a person.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def library() -> None:
    """Keep epochs of earlier sessions, without anything that names a person."""
    end_soon_after_interrupt()


@app.command()
def add(
    library: LibraryFolder,
    recordings: Annotated[
        list[Path], typer.Argument(help="recordings or folders of one session of one subject")
    ],
    consent: Annotated[
        str, typer.Option(help="what the subject agreed to, such as 'use by this lab'")
    ],
    subject: Annotated[
        str, typer.Option(help="the subject's code; that of the files' names if left out")
    ] = "",
    config: Annotated[
        Path | None, typer.Option(help="TOML: streams, markers, filter, latencies")
    ] = None,
    json: JsonLines = "",
) -> None:
    """Add the epochs of a session, under a name that says nothing of the subject."""
    # Only now: these import scikit-learn, and `--help` must not wait for it.
    from bci_online.config import read_config
    from bci_online.console import json_line, note
    from bci_online.errors import RecordingError
    from bci_online.option_values import parse_json
    from bci_online.session.folder import SessionFolder
    from calibration.p300.library.folder import Library
    from calibration.p300.library.made_entry import made_entry, subject_of
    from calibration.recordings import found_in

    as_json, kept = parse_json(json), Library(library)
    paths, config_path = found_in(recordings, config)
    for path in paths:
        if SessionFolder(path.parent).is_running:
            raise RecordingError(f"{path}: its session still runs; add it when that is over")
    code = subject or subject_of(paths)
    entry, notes = made_entry(paths, read_config(config_path), code, consent)
    name = kept.add(entry)
    for text in notes:
        note(text)
    if not code:
        note("the subject is not known: nobody's own session; --subject CODE says whose it is")
    if as_json:
        sys.stdout.write(json_line({"type": "summary", "name": name, **_figures(entry)}))
    else:
        sys.stdout.write(f"added {name}: {_described(entry)}\n")


@app.command(name="list")
def list_entries(
    library: LibraryFolder,
    subject: Annotated[str, typer.Option(help="mark the sessions of this subject's code")] = "",
    json: JsonLines = "",
) -> None:
    """Show what a library holds."""
    from bci_online.console import json_line, plain
    from bci_online.option_values import parse_json

    as_json = parse_json(json)
    for name, entry in _readable(library):
        own = entry.header.is_of(subject)
        if as_json:
            sys.stdout.write(json_line({"name": name, "own": own, **_figures(entry)}))
        else:
            mine = ", own" if own else ""
            sys.stdout.write(f"{plain(name)}: {_described(entry)}{mine}\n")


@app.command()
def check(library: LibraryFolder) -> None:
    """Read every byte of a library; end with an error if one session is damaged."""
    n_read = sum(1 for _ in _readable(library))
    read = counted(n_read, "session")
    sys.stdout.write(f"{read} read; nothing has changed since they were added\n")


@app.command()
def remove(
    library: LibraryFolder,
    names: Annotated[list[str], typer.Argument(help="as `library list` shows them")],
) -> None:
    """Remove sessions for good, for instance when a subject withdraws the consent."""
    from bci_online.console import plain
    from calibration.p300.library.folder import Library

    kept = Library(library)
    for name in names:
        kept.remove(name)
        sys.stdout.write(f"removed {plain(name)}\n")


@app.command(hidden=True)
def start(
    library: LibraryFolder,
    output: Annotated[Path, typer.Option("--output", "-o", help="the file to write")],
    subject: Annotated[str, typer.Option(help="the subject's code")] = "",
) -> None:
    """Write what a library says of the response; `bci-online spell --library` asks for it."""
    from bci_online.console import note
    from bci_online.decoding.decoder_file import write_decoder
    from calibration.p300.library.folder import Library
    from calibration.p300.library.start import start_of

    found, notes = start_of(list(Library(library).entries()), subject)
    write_decoder(output, found.header, found.arrays)
    for text in notes:
        note(text)


def _readable(library: Path) -> Iterator[tuple[str, "Entry"]]:
    """Yield name and entry of each session that can be read; in the end, refuse the others."""
    from bci_online.console import note
    from bci_online.errors import BciError, RecordingError
    from calibration.p300.library.entry import read_entry
    from calibration.p300.library.folder import Library

    files, n_read = Library(library).files(), 0
    for path in files:
        try:
            entry = read_entry(path)
        except RecordingError as error:
            note(str(error))
            continue
        n_read += 1
        yield path.stem, entry
    if n_read < len(files):
        raise BciError(f"{library}: {len(files) - n_read} of {len(files)} sessions cannot be used")
    if not files:
        note(f"{library}: is empty")


def _figures(entry: "Entry") -> dict[str, object]:
    made = entry.header.preprocessing
    return {
        "flashes": len(entry.is_target),
        "targets": int(entry.is_target.sum()),
        "ch_names": made.ch_names,
        "sfreq": made.sfreq,
        "amplifier": made.amplifier,
        "soa_s": entry.header.soa_s,
        "consent": entry.header.consent,
    }


def _described(entry: "Entry") -> str:
    from bci_online.console import plain

    own = entry.header.preprocessing
    device = f", {own.amplifier}" if own.amplifier else ""
    return plain(
        f"{len(entry.is_target)} flashes, {int(entry.is_target.sum())} of them targets, "
        f"{len(own.ch_names)} sensors at {own.sfreq:g} Hz{device}, a flash every "
        f"{1000 * entry.header.soa_s:.0f} ms; consent: {entry.header.consent}"
    )
