"""`bci-online repair`: recordings, and sessions whose conductor was killed."""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bci_online.acquisition.xdf.remains import LostSpan, RepairedStream
from bci_online.acquisition.xdf.repair import RepairedFile, repair
from bci_online.commands.bodies.recorded_session import RecordedSession
from bci_online.console import json_line, note, plain
from bci_online.counted import counted
from bci_online.errors import BciError
from bci_online.progress import progress_bar
from bci_online.session.folder import REPAIRED, SessionFolder, recordings_in

__all__ = ["repair_file", "repair_session"]

MOST_SPANS = 5


def repair_file(path: Path, output: Path | None, *, as_json: bool) -> None:
    """Repair a recording, and say what is missing.

    Parameters
    ----------
    path : Path
        An .xdf file, or a gzipped one; it stays as it is.
    output : Path or None
        Where the repaired file is written; None: beside it.
    as_json : bool
        A line of JSON for a program.

    Raises
    ------
    BciError
        If it cannot be read, holds no stream that can be kept, or the output exists.

    See Also
    --------
    bci_online.acquisition.xdf.repair.repair : Repairs it.
    """
    output = output or path.with_name(f"{path.name.partition('.xdf')[0]}{REPAIRED}.xdf")
    found = repair(path, output)
    written = None if found.is_whole else str(output)
    if as_json:
        row = {"type": "repair", "file": str(path), "output": written}
        sys.stdout.write(json_line(row | msgspec.to_builtins(found)))
        return
    for line in (*_lines(path, found), *([f"written to {written}"] if written else [])):
        sys.stdout.write(f"{plain(line)}\n")
    for text in found.notes:
        note(text)


def repair_session(folder: Path, output: Path | None, *, as_json: bool) -> None:
    """Repair each recording of a session that needs it, and make the summaries that are missing.

    Parameters
    ----------
    folder : Path
        The session's folder.
    output : Path or None
        As for `repair_file`, if the folder holds one recording.
    as_json : bool
        Lines of JSON for a program.

    Raises
    ------
    BciError
        If a session runs in the folder, or it holds no recording.

    See Also
    --------
    bci_online.commands.bodies.recorded_session.RecordedSession : Where a summary comes from.
    """
    recordings = recordings_in(folder)
    if not recordings:
        raise BciError(f"{folder}: holds no recording (*.xdf); is it a session's folder?")
    if output is not None and len(recordings) > 1:
        raise BciError(f"{folder}: holds {len(recordings)} recordings; name one, or no --output")
    for path in recordings:
        own = SessionFolder.of(path)
        own.hold()
        try:
            repair_file(path, output, as_json=as_json)
            # It can be stopped anywhere and called again.
            if not own.is_complete:
                _summarize(path, own, as_json=as_json)
        finally:
            own.release()


def _summarize(path: Path, folder: SessionFolder, *, as_json: bool) -> None:
    with progress_bar(hidden=as_json) as bar:
        task = bar.add_task(f"summary of {path.name}", total=None)
        session = RecordedSession(path)
        summary = session.summary(lambda seconds: bar.update(task, completed=seconds))
    row = folder.keep_summary(summary.row(), free_spelling=summary.is_free_text)
    folder.remove_leftovers()
    folder.keep_checksums()
    if as_json:
        sys.stdout.write(json_line(row))
    else:
        sys.stdout.write(f"{plain(f'its summary, from the recording, is in {folder.summary}')}\n")


def _lines(path: Path, found: RepairedFile) -> Iterator[str]:
    if found.is_whole:
        yield f"{path}: is whole, nothing was written"
        return
    yield f"{path}: {found.dropped} of {found.bytes} bytes were left out"
    for stream in found.streams:
        yield f"  {stream.name} ({stream.type or 'no type'}): {'; '.join(_kept(stream))}"


def _kept(stream: RepairedStream) -> Iterator[str]:
    between = "" if stream.first is None else f", {stream.first:.3f} to {stream.last:.3f} s"
    yield f"{counted(stream.samples, 'sample')} kept{between}"
    if stream.stated is not None and stream.stated != stream.samples:
        yield f"its end says that there were {stream.stated}"
    yield from (_missing(span) for span in stream.lost[:MOST_SPANS])
    if len(stream.lost) > MOST_SPANS:
        yield f"and {counted(len(stream.lost) - MOST_SPANS, 'span')} more"
    if stream.stated is None:
        yield "its end is missing, what came after is not in the file"
    if "header" in stream.made:
        yield "its header was damaged and is written again"


def _missing(span: LostSpan) -> str:
    where = f"behind {span.after:.3f} s"
    if span.samples is None:
        return f"perhaps some missing within {span.seconds:.3f} s {where}"
    return f"{span.samples} samples ({span.seconds:.3f} s) missing {where}"
