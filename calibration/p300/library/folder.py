"""A library: a folder with one file of epochs for each earlier session."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from bci_online.atomic_write import write_atomically
from bci_online.console import command_line
from bci_online.errors import BciError, RecordingError
from calibration.p300.library.entry import Entry, read_entry

__all__ = ["Library"]

SUFFIX = ".safetensors"


class Library:
    """The sessions of a folder.

    Parameters
    ----------
    folder : Path
        `add` makes it.

    Raises
    ------
    BciError
        If it is a file.

    See Also
    --------
    calibration.p300.library.sources.pooled_with_library : Learns with it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     list(Library(Path(folder)).entries())
    []
    """

    def __init__(self, folder: Path) -> None:
        if folder.exists() and not folder.is_dir():
            raise BciError(f"{folder}: is a file; a library is a folder, and is named first")
        self.folder = folder

    def files(self) -> list[Path]:
        """Return the files of all entries, in the order of their names.

        Raises
        ------
        BciError
            If there is no such folder.
        """
        if not self.folder.is_dir():
            raise BciError(f"{self.folder}: is no folder; bci-calibrate library add makes it")
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Yield name and entry of each session.

        Raises
        ------
        BciError
            If a file is damaged, or no entry.
        """
        for path in self.files():
            yield path.stem, read_entry(path)

    def add(self, entry: Entry) -> str:
        """Keep an entry, and return its name, which says nothing of the subject.

        Raises
        ------
        RecordingError
            If one of its recordings is there already, or most of its epochs: another file may hold
            the same session, such as one that was still being written.
        """
        own = set(entry.header.recordings)
        if self.folder.is_dir():
            for name, other in self.entries():
                if own & set(other.header.recordings):
                    raise RecordingError(f"{self.folder}: {name} holds one of these recordings")
                if n_same := _n_same(entry, other):
                    how = command_line("bci-calibrate", "library", "remove", self.folder, name)
                    raise RecordingError(
                        f"{self.folder}: {name} holds {n_same} of these flashes, from another "
                        f"file of the same session; keep it, or remove it first: {how}"
                    )
        digests = "".join(digest for _, digest in entry.header.recordings)
        name = hashlib.sha256(digests.encode()).hexdigest()[:12]
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self.folder / f"{name}{SUFFIX}", entry.content())
        return name

    def remove(self, name: str) -> None:
        """Remove an entry for good.

        Raises
        ------
        BciError
            If there is none of this name.
        """
        named = {path.stem: path for path in self.files()}
        if name not in named:
            there = ", ".join(named) or "nothing"
            raise BciError(f"{self.folder}: has no entry {name!r}; it holds {there}")
        named[name].unlink()


def _n_same(one: Entry, other: Entry) -> int:
    """Return how many epochs two entries share, to the bit; 0 if that is less than half."""
    if one.epochs.shape[1:] != other.epochs.shape[1:]:
        return 0
    own, others = ({epoch.tobytes() for epoch in entry.epochs} for entry in (one, other))
    n_same = len(own & others)
    return n_same if 2 * n_same > min(len(own), len(others)) else 0
