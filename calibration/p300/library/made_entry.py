"""Recordings of one session as an entry of a library."""

import re
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bci_online.config import Config
from bci_online.errors import BciError, RecordingError
from calibration.p300.epochs import EpochSet
from calibration.p300.library.entry import Entry, EntryHeader
from calibration.p300.pooling.lag_window import lag_config
from calibration.p300.recorded_epochs import epochs_of
from calibration.p300.training_epochs import clean
from calibration.pools import Pool, cap_of
from calibration.recordings import contents_of

__all__ = ["made_entry", "subject_of"]

LONGEST_SOA_S = 3.0
"""What is further apart lies in two letters."""


def subject_of(paths: Sequence[Path]) -> str:
    """Return the subject's code that names of recordings state; empty if they state none, or two.

    Parameters
    ----------
    paths : sequence of Path
        Recordings; their names are as in BIDS.

    Returns
    -------
    code : str
        As it stands after ``sub-``.

    See Also
    --------
    made_entry : Keeps it, but not readably.

    Examples
    --------
    >>> subject_of([Path("sub-07_ses-01_eeg.xdf"), Path("sub-07_ses-02_eeg.xdf")])
    '07'
    """
    found = {match[1] for path in paths if (match := re.match("sub-([A-Za-z0-9]+)", path.name))}
    return found.pop() if len(found) == 1 else ""


def made_entry(
    paths: Sequence[Path],
    config: Config,
    subject: str,
    consent: str,
    opened: Callable[[str], None] = lambda _: None,
) -> tuple[Entry, tuple[str, ...]]:
    """Return an entry of the labelled flashes of one session.

    Parameters
    ----------
    paths : sequence of Path
        Recordings of one subject and cap.
    config : Config
        How they are read; its filter and latencies are those of the entry.
    subject : str
        Code of the subject; empty if it is not known.
    consent : str
        What the subject agreed to.
    opened : callable
        Called with the name of each recording.

    Returns
    -------
    entry : Entry
        Without artefacts.
    notes : tuple of str
        What the user should know, one line each.

    Raises
    ------
    BciError
        If the recordings cannot be read, or hold no flashes of both kinds.

    See Also
    --------
    calibration.p300.library.folder.Library : Keeps it.

    Examples
    --------
    >>> made_entry([], Config(paradigm="motor_imagery"), "07", "")
    Traceback (most recent call last):
    ...
    bci_online.errors.BciError: a library keeps sessions of flashes, not of 'motor_imagery'
    """
    if config.paradigm != "p300":
        raise BciError(f"a library keeps sessions of flashes, not of {config.paradigm!r}")
    if not consent.strip():
        raise BciError(
            "--consent: a library keeps only what subjects agreed to; say what that is, such as "
            "--consent 'use by this lab'"
        )
    cap = cap_of(Pool(tuple(paths), config))
    wide = lag_config(config, config, cap.sfreq)
    found = epochs_of(paths, wide, opened=opened).all()
    kept, _ = clean(found, config.artefacts.k)
    if not kept.y.any() or kept.y.all():
        raise RecordingError(f"{paths[0]}: holds no clean flashes of targets and others")
    header = EntryHeader(
        # The flash is at 0 again: the window began early because its light was said to be early.
        preprocessing=msgspec.structs.replace(
            kept.preprocessing, display_delay=config.markers.display_delay
        ),
        early_s=config.markers.display_delay - wide.markers.display_delay,
        soa_s=_soa(kept),
        recordings=contents_of(paths),
        consent=" ".join(consent.split()),
    )
    if subject:
        header = header.of(subject, secrets.token_hex(16))
    entry = Entry(header=header, epochs=kept.X.astype(np.float32), is_target=kept.y)
    n_left_out = len(found) - len(kept) + sum(found.rejected.values())
    return entry, (*found.notes, f"{len(kept)} flashes are kept, {n_left_out} left out")


def _soa(epochs: EpochSet) -> float:
    gaps = np.diff(epochs.time)
    gaps = gaps[(gaps > 0) & (gaps < LONGEST_SOA_S)]
    return round(float(np.median(gaps)), 4) if gaps.size else 0.0
