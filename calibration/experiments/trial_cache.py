"""Trials of public sets, kept so that the same signal is not filtered again.

A file is named by a hash of everything that its trials come from: the bytes of the set's own
files, the filter, the windows, the code, and the libraries that read and filter. It is written
whole or not at all, and holds the hash of what is in it: a damaged file is made again.
"""

import hashlib
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from bci_online.atomic_write import write_atomically
from bci_online.config import Preprocessing
from calibration.code_hash import code_hash
from calibration.experiments.network_sets import TrialSet, content

__all__ = ["TrialCache", "files_key", "files_of"]

logger = logging.getLogger(__name__)

LARGEST = 20 * 10**9
"""Bytes that all files together may have; those that were not used for longest go first."""

SUFFIX = ".trials"
ARRAYS = ("X", "y", "training")
READERS = ("mne", "moabb", "numpy", "scipy")
"""Libraries that a set is read and filtered with."""


def files_key(paths: Sequence[Path], *more: Any) -> str:
    """Return a hash of files' bytes, and of what else trials come from.

    Parameters
    ----------
    paths : sequence of Path
        In any order.
    *more : object
        What JSON can hold.

    Returns
    -------
    key : str
        32 hexadecimal digits; another one if a byte of a file, or a library, is another one.

    See Also
    --------
    TrialCache : Names its files so.

    Examples
    --------
    >>> files_key([], "a set", 3) == files_key([], "a set", 4)
    False
    """
    code = code_hash(TrialSet.__module__)
    digest = hashlib.sha256(msgspec.json.encode([*more, code, _versions()], order="sorted"))
    for path in sorted(paths):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:32]


def files_of(dataset: Any, subject: int) -> list[Path]:
    """Return a subject's files, if its set says where they are.

    Parameters
    ----------
    dataset : moabb.datasets.base.BaseDataset
        The set.
    subject : int
        As the set numbers it.

    Returns
    -------
    files : list of Path
        Empty where the set does not say it; loading the subject then says why.

    See Also
    --------
    files_key : A hash of them.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> files_of(SimpleNamespace(data_path=lambda subject: None), 1)
    []
    """
    try:
        # Where there are none, this fetches them.
        with redirect_stdout(sys.stderr):
            found = dataset.data_path(subject)
    except Exception:
        return []
    named = np.ravel(found).tolist() if found is not None else []
    paths = [Path(each) for each in named if isinstance(each, str | os.PathLike)]
    return list(dict.fromkeys(part for path in paths for part in _parts(path)))


def _parts(path: Path) -> list[Path]:
    """Return the files of a folder; or a file, and those that differ in their ending alone."""
    if path.is_dir():
        return [part for part in path.rglob("*") if part.is_file()]
    if not path.is_file():
        return []
    # The samples of BrainVision (.vhdr) and EEGLAB (.set) are in another file.
    return [part for part in path.parent.iterdir() if part.stem == path.stem and part.is_file()]


def _versions() -> list[str]:
    found = []
    for name in READERS:
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return found


class TrialCache:
    """A folder of trials, one file for each subject.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    largest : int
        Bytes, of all files together.

    See Also
    --------
    calibration.experiments.network_sets.read_trials : Makes trials.

    Examples
    --------
    >>> import tempfile
    >>> trials = TrialSet(
    ...     X=np.ones((2, 1, 64), dtype=np.float32), y=np.array([0, 1]), rejected={},
    ...     training=np.array([True, False]), classes=("left", "right"),
    ...     preprocessing=Preprocessing(ch_names=("C3",), sfreq=100.0),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cache = TrialCache(Path(folder))
    ...     first = cache.get("ab", lambda: trials)
    ...     second = cache.get("ab", lambda: None)  # it is there
    >>> content(first) == content(second)
    True
    """

    def __init__(self, folder: Path, largest: int = LARGEST) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._largest = folder, largest
        self._used: set[Path] = set()
        self.n_found = 0

    def get(self, key: str, make: Callable[[], TrialSet]) -> TrialSet:
        """Return the trials of a key; they are made and kept if they are not there."""
        path = self._folder / f"{key}{SUFFIX}"
        self._used.add(path)
        found = self._read(path)
        if found is not None:
            self.n_found += 1
            with suppress(OSError):
                os.utime(path)
            return found
        made = make()
        self._keep(path, made)
        return made

    def _read(self, path: Path) -> TrialSet | None:
        if not path.is_file():
            return None
        try:
            with safe_open(path, "numpy") as file:
                about = file.metadata() or {}
                arrays = {name: file.get_tensor(name) for name in ARRAYS}
            found = TrialSet(
                **arrays,
                classes=msgspec.json.decode(about["classes"], type=tuple[str, ...]),
                preprocessing=msgspec.json.decode(about["preprocessing"], type=Preprocessing),
                rejected=msgspec.json.decode(about["rejected"], type=dict[str, int]),
            )
            if content(found) == about["content"]:
                return found
        except (SafetensorError, OSError, KeyError, ValueError, msgspec.MsgspecError):
            pass
        logger.warning("%s: damaged, its trials are made again", path)
        return None

    def _keep(self, path: Path, trials: TrialSet) -> None:
        about = {
            "classes": msgspec.json.encode(trials.classes).decode(),
            "preprocessing": msgspec.json.encode(trials.preprocessing).decode(),
            "rejected": msgspec.json.encode(trials.rejected).decode(),
            "content": content(trials),
        }
        try:
            write_atomically(path, save({n: getattr(trials, n) for n in ARRAYS}, metadata=about))
            self._make_room()
        except OSError as error:
            # Without it the trials are there all the same.
            logger.warning("%s: cannot be kept (%s)", path, error.strerror)

    def _make_room(self) -> None:
        """Remove what was not used for longest, but nothing that this run has used."""
        files = [(path.stat(), path) for path in self._folder.glob(f"*{SUFFIX}")]
        size = sum(about.st_size for about, _ in files)
        for about, path in sorted(files, key=lambda each: each[0].st_mtime):
            if size > self._largest and path not in self._used:
                path.unlink(missing_ok=True)
                size -= about.st_size
