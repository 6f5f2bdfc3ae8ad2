"""Public sets, loaded by MOABB and run through the online chain.

MOABB fetches and unpacks the files. Filter and epochs are the online chain's, as for a recording.
"""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.source import NotedSource
from bci_online.config import Config
from bci_online.errors import BciError, RecordingError
from calibration.experiments.raw_source import RawSource
from calibration.installed import check_installed
from calibration.p300.epochs import EpochSet
from calibration.p300.labelled_epochs import labelled_epochs

__all__ = [
    "AskedSet",
    "events_of",
    "known_subjects",
    "load_subject",
    "open_dataset",
    "read_dataset",
]

FEWEST_SESSIONS = 3
APART_S = 1e5  # runs of one session must not overlap in time


class AskedSet(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A public set, and whose data of it take part.

    Parameters
    ----------
    dataset : str or moabb.datasets.base.BaseDataset
        MOABB's name of it, or its own object.
    data_dir : Path, optional
        Where a copy is, or should go, laid out as MOABB does.
    subjects : tuple of int
        Empty means all.

    See Also
    --------
    open_dataset : Opens it.
    """

    dataset: Any
    data_dir: Path | None = None
    subjects: tuple[int, ...] = ()

    def opened(self, paradigms: Sequence[str] = ("p300",)) -> Any:
        """Return MOABB's object of the set; see `open_dataset`."""
        if not isinstance(self.dataset, str):
            return self.dataset
        return open_dataset(self.dataset, self.data_dir, paradigms)


def open_dataset(
    name: str, data_dir: Path | None = None, paradigms: Sequence[str] = ("p300",)
) -> Any:
    """Return one of MOABB's sets; nothing is fetched yet.

    Parameters
    ----------
    name : str
        As MOABB's class is called.
    data_dir : Path, optional
        Where a copy is, or should go, laid out as MOABB does.
    paradigms : sequence of str
        MOABB's names of those that are accepted.

    Returns
    -------
    dataset : moabb.datasets.base.BaseDataset
        MOABB's object.

    Raises
    ------
    BciError
        If MOABB is missing, has no such set, or the set is of another paradigm.

    See Also
    --------
    read_dataset : Loads its subjects.
    """
    if data_dir is not None:
        if not data_dir.is_dir():
            raise BciError(f"--data-dir {data_dir}: is not a folder")
        os.environ["MNE_DATA"] = str(data_dir.absolute())
        # MOABB would first ask a mirror, even for files that are there.
        os.environ.setdefault("MOABB_DOWNLOAD_PROVIDER", "upstream")
    check_installed("moabb", "datasets", "evaluate moabb")
    from moabb import datasets
    from moabb.datasets.utils import dataset_search

    kind = getattr(datasets, name, None)
    dataset = kind() if isinstance(kind, type) else None
    if dataset is None or getattr(dataset, "paradigm", "") not in paradigms:
        found = (type(one).__name__ for each in paradigms for one in dataset_search(each))
        wanted = " or ".join(one.upper() if one == "p300" else one for one in paradigms)
        raise BciError(
            f"--dataset {name}: is not a set of MOABB for {wanted}; there are "
            f"{', '.join(sorted(found))}"
        )
    return dataset


def read_dataset(
    dataset: Any,
    subjects: Sequence[int],
    config: Config,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, EpochSet]:
    """Load subjects of a P300 set one by one and run them through the online chain.

    Parameters
    ----------
    dataset : moabb.datasets.base.BaseDataset
        With the events Target and NonTarget.
    subjects : sequence of int
        Empty means all.
    config : Config
        Filter and latencies.
    progress : callable
        Called with the name of what is loaded.

    Returns
    -------
    subjects : dict of str to EpochSet
        All sessions and runs of each.

    Raises
    ------
    BciError
        If a subject is not in the set, or the files can neither be found nor fetched.

    See Also
    --------
    calibration.experiments.network_sets.read_trials : Trials instead of epochs of flashes.
    """
    asked = known_subjects(dataset, subjects)
    if not {"Target", "NonTarget"} <= set(dataset.event_id):
        raise BciError(f"{dataset.code} has events {[*dataset.event_id]}, not Target and NonTarget")
    found = {}
    for subject in asked:
        progress(f"{dataset.code} {subject}")
        sessions = load_subject(dataset, subject)
        found[str(subject)] = _epochs(dataset, subject, sessions, config)
    return found


def known_subjects(dataset: Any, subjects: Sequence[int]) -> list[int]:
    """Return the requested subjects; empty means all.

    Parameters
    ----------
    dataset : moabb.datasets.base.BaseDataset
        Has a list of subjects.
    subjects : sequence of int
        Empty means all.

    Returns
    -------
    subjects : list of int
        In the order given.

    Raises
    ------
    BciError
        If one is not in the set.

    See Also
    --------
    load_subject : Loads one.
    """
    unknown = sorted(set(subjects) - set(dataset.subject_list))
    if unknown:
        raise BciError(f"--subject {unknown[0]}: {dataset.code} has {dataset.subject_list}")
    return list(subjects or dataset.subject_list)


def load_subject(dataset: Any, subject: int) -> dict[str, dict[str, Any]]:
    """Return a subject's ``Raw`` by session and run.

    Parameters
    ----------
    dataset : moabb.datasets.base.BaseDataset
        The set.
    subject : int
        As the set numbers it.

    Returns
    -------
    runs : dict of str to dict of str to mne.io.BaseRaw
        By session and run.

    Raises
    ------
    BciError
        If the files can neither be found nor fetched; the message says how to name a copy.

    See Also
    --------
    read_dataset : Loads all and cuts epochs.
    """
    try:
        # Downloaders print to standard output, where the JSON lines of --json go.
        with redirect_stdout(sys.stderr):
            found: dict[str, dict[str, Any]] = dataset.get_data([subject])[subject]
    except Exception as error:
        # Each set has its own downloader, and each of those its own errors.
        reason = (str(error).splitlines() or [""])[0][:120]
        raise BciError(
            f"{dataset.code}, subject {subject}: cannot be loaded ({type(error).__name__}: "
            f"{reason}); without a network give the folder of your copy with --data-dir (or set "
            f"MNE_DATA to it), laid out as MOABB does: FOLDER/MNE-…-data/…, see docs/evaluation.md"
        ) from None
    return found


def _epochs(
    dataset: Any, subject: int, sessions: dict[str, dict[str, Any]], config: Config
) -> EpochSet:
    sources: list[tuple[str, NotedSource]] = []
    session_of = []
    for number, (session, runs) in enumerate(sessions.items()):
        for run, raw in runs.items():
            onsets, names = events_of(dataset, raw, ("Target", "NonTarget"))
            texts = [f"flash/0/{name.lower()}" for name in names]
            name = f"{dataset.code} {subject}, session {session}, run {run}"
            sources.append((name, RawSource(raw, onsets, texts, APART_S * (1 + len(sources)))))
            session_of.append(number)
    if not sources:
        raise RecordingError(f"{dataset.code}, subject {subject}: holds no run")
    epochs = labelled_epochs(sources, config)
    if len(sessions) < FEWEST_SESSIONS:
        return epochs
    # A lab's decoder must work in a new session. With enough sessions, whole ones are left out.
    return msgspec.structs.replace(epochs, run=np.array(session_of)[epochs.run])


def events_of(dataset: Any, raw: Any, names: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the sample of each event, counted from the first sample there is, and its name.

    Where a set marks the beginning of a trial, that is the event, not the later cue.

    Parameters
    ----------
    dataset : moabb.datasets.base.BaseDataset
        Says which codes are which events.
    raw : mne.io.BaseRaw
        One run.
    names : sequence of str
        The events to find.

    Returns
    -------
    samples : ndarray of int, shape (n_events,)
        Counted from the first sample there is.
    names : list of str
        The name of each event.

    See Also
    --------
    calibration.experiments.raw_source.RawSource : Takes them as markers.
    """
    from moabb.datasets.preprocessing import RawToEventsP300

    wanted = {name: dataset.event_id[name] for name in names}
    # Used for all kinds of sets, despite its name: no other one accepts several codes an event.
    find = RawToEventsP300(event_id=wanted, interval=dataset.interval, ignore_relabelling=True)
    events = find.transform(raw)
    named = {code: name for name, codes in wanted.items() for code in np.atleast_1d(codes).tolist()}
    return events[:, 0] - raw.first_samp, [named[code] for code in events[:, 2].tolist()]
