"""Reads a lab's folder again and again; a file that did not change is read once."""

import os
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bci_online.lab.actions import BIDS, LIBRARY
from bci_online.lab.contents import LabConfiguration, LabContents, LabDecoder, RecordedRun
from bci_online.lab.file_reading import read_configuration, read_decoder_header, read_kept
from bci_online.lab.run_reading import RECENT_S, read_runs

__all__ = ["LabReader"]

DEEPEST = 6
MOST_FOLDERS = 5_000
"""A folder that was chosen by mistake, such as a whole disk, is read so far."""
SESSION_DECODER = "session.decoder"
NOT_SEARCHED = frozenset({"jobs", BIDS, LIBRARY, "__pycache__"})

Stamp = tuple[tuple[str, int, int], ...]


class LabReader:
    """Reads what a lab's folder holds.

    Parameters
    ----------
    folder : Path
        The lab.

    See Also
    --------
    bci_online.lab.contents.LabContents : What it reads.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     reader = LabReader(Path(folder))
    ...     n_written = (Path(folder) / "p300.toml").write_text("paradigm = 'p300'")
    ...     [one.path.name for one in reader.read().configurations]
    ['p300.toml']
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[Path, tuple[Stamp, Any]] = {}

    def read(self) -> LabContents:
        """Return what the folder holds now; what cannot be read says why."""
        runs: list[RecordedRun] = []
        decoders: list[LabDecoder] = []
        configurations: list[LabConfiguration] = []
        seen: set[Path] = set()

        def kept(path: Path, files: list[os.DirEntry[str]], read: Callable[[Path], Any]) -> Any:
            seen.add(path)
            return self._read(path, files, read)

        for folder, files in _folders(self.folder):
            names = {file.name for file in files}
            is_session = "session.log" in names or any(
                name.startswith("sub-") and name.endswith("_eeg.xdf") for name in names
            )
            if is_session:
                runs += kept(folder, files, read_runs)
            for file in files:
                path = Path(file.path)
                # A session keeps copies of what it was made with.
                if file.name.endswith((".decoder", ".safetensors")):
                    if file.name != SESSION_DECODER:
                        decoders.append(kept(path, [file], read_decoder_header))
                elif file.name.endswith(".toml") and not is_session:
                    configurations.append(kept(path, [file], read_configuration))
        library = self.folder / LIBRARY
        held: list[str] = []
        for _, files in islice(_folders(library), 1):
            for file in files:
                held += kept(Path(file.path), [file], read_kept)
        self._kept = {path: one for path, one in self._kept.items() if path in seen}
        return LabContents(
            folder=self.folder,
            runs=tuple(sorted(runs, key=lambda one: (one.subject, one.began, one.run))),
            decoders=tuple(sorted(decoders, key=lambda one: -one.written)),
            configurations=tuple(sorted(configurations, key=lambda one: one.path)),
            exported=_exported(self.folder / BIDS),
            library=frozenset(held) if library.is_dir() else None,
        )

    def _read(self, path: Path, files: list[os.DirEntry[str]], read: Callable[[Path], Any]) -> Any:
        """Return what `read` makes of `path`, from memory while its files are as they were."""
        stamp = _stamp(files)
        before, value = self._kept.get(path, (None, None))
        if stamp != before:
            value = read(path)
            self._kept[path] = stamp, value
        return value


def _folders(top: Path) -> Iterator[tuple[Path, list[os.DirEntry[str]]]]:
    """Yield each folder with its files; hidden ones, and those of no interest, are passed over."""
    waiting, n_read = [(top, 0)], 0
    while waiting and n_read < MOST_FOLDERS:
        folder, depth = waiting.pop()
        n_read += 1
        files: list[os.DirEntry[str]] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if not entry.is_dir(follow_symlinks=False):
                        files.append(entry)
                    elif depth < DEEPEST and entry.name not in NOT_SEARCHED:
                        waiting.append((Path(entry.path), depth + 1))
        except OSError:
            # It was removed meanwhile, or belongs to somebody else.
            continue
        yield folder, files


def _exported(data_set: Path) -> frozenset[str]:
    """Return what a BIDS data set holds, by the names of its recordings."""
    found = data_set.glob("sub-*/ses-*/eeg/*_eeg.vhdr")
    return frozenset(path.stem for path in islice(found, MOST_FOLDERS))


def _stamp(files: list[os.DirEntry[str]]) -> Stamp:
    found = []
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        # What grew lately is read again once it no longer grows.
        is_recent = time.time() - status.st_mtime < RECENT_S
        found.append((file.name, status.st_mtime_ns, status.st_size + is_recent))
    return tuple(sorted(found))
