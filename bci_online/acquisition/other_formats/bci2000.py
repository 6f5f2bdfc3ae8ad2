"""Files of BCI2000 (``.dat``).

The format: https://www.bci2000.org/mediawiki/index.php/Technical_Reference:BCI2000_File_Format. MNE
reads such files, too, but it leaves out gains, names of channels, and all states but one.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.other_formats.bci2000_header import State, parse_bci2000
from bci_online.acquisition.other_formats.converted import Channel, Converted
from bci_online.markers import TrialStart

__all__ = ["read_bci2000"]

# States that say how the recording runs, and nothing of the task.
OF_THE_SYSTEM = ("SourceTime", "StimulusTime", "Recording", "Running")
# Longer states are positions and times.
LONGEST_CODE = 8
CODE, LABEL, PHASE = "StimulusCode", "StimulusType", "PhaseInSequence"
BEFORE, AFTER = 1, 3


def read_bci2000(path: Path) -> Converted:
    r"""Read a file of BCI2000.

    Parameters
    ----------
    path : Path
        A file that is there.

    Returns
    -------
    recording : Converted
        In microvolts, by the gains and offsets of the file. Its events are the changes of states to
        another value than 0, as ``NAME/VALUE``. In files of the P300 speller they are flashes, and
        starts and ends of trials; in copy spelling starts have the letters of ``TextToSpell``.

    Raises
    ------
    RecordingError
        If it is no such file, or is damaged.

    See Also
    --------
    bci_online.acquisition.other_formats.source.ConvertedSource : Plays it.

    Examples
    --------
    Two samples of two channels, each followed by a byte of states:

    >>> import tempfile
    >>> frames = np.array([(1, 2, 0), (3, 4, 5)], dtype="<i2, <i2, u1")
    >>> sections = (
    ...     "[ State Vector Definition ]\n"
    ...     "TargetCode 8 0 0 0\n"
    ...     "[ Parameter Definition ]\n"
    ...     "Source int SamplingRate= 256\n"
    ...     "Source list SourceChGain= 2 0.5 0.5\n"
    ... )
    >>> first = "HeaderLen= {} SourceCh= 2 StatevectorLen= 1\n"
    >>> header = first.format(len(first) + len(sections) + 1) + sections
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.dat"
    ...     _ = path.write_bytes(header.encode() + frames.tobytes())
    ...     found = read_bci2000(path)
    >>> found.data.tolist(), found.events
    ([[0.5, 1.0], [1.5, 2.0]], [(0.00390625, 'TargetCode/5')])
    """
    header = parse_bci2000(path)
    frame = np.dtype(
        [
            ("signal", header.dtype, (header.n_channels,)),
            ("states", np.uint8, (header.n_state_bytes,)),
        ]
    )
    frames = np.fromfile(path, dtype=frame, offset=header.n_bytes)
    data = (frames["signal"].astype(np.float64) - header.offsets) * header.gains
    states = {
        name: _values(frames["states"], state)
        for name, state in header.states.items()
        if state.n_bits <= LONGEST_CODE and name not in OF_THE_SYSTEM
    }
    notes = []
    if (path.stat().st_size - header.n_bytes) % frame.itemsize:
        notes.append("the file ends within a sample, which was left out")
    return Converted(
        sfreq=header.sfreq,
        channels=[Channel(name, unit=header.unit) for name in header.ch_names],
        data=data,
        events=[(sample / header.sfreq, text) for sample, text in _events(states, header.text)],
        notes=tuple(notes),
    )


def _values(states: NDArray[np.uint8], state: State) -> NDArray[np.int64]:
    """Return the values of one state (n_samples,); its first bit is the lowest."""
    values = np.zeros(len(states), dtype=np.int64)
    for bit in range(state.n_bits):
        byte, place = divmod(8 * state.byte + state.bit + bit, 8)
        values |= ((states[:, byte] >> place) & 1).astype(np.int64) << bit
    return values


def _events(states: dict[str, NDArray[np.int64]], spelled: str) -> list[tuple[int, str]]:
    """Return the sample and text of each event, in the order of the samples."""
    flashes = states.get(CODE)
    if flashes is None or not flashes.any():
        return sorted(_changes(states))
    labels = states.get(LABEL)
    is_labelled = labels is not None and bool(labels.any())
    events: list[tuple[int, str]] = []
    for sample in _onsets(flashes):
        word = "unknown"
        if labels is not None and is_labelled:
            word = "target" if labels[sample] else "nontarget"
        events.append((sample, f"flash/{flashes[sample]}/{word}"))
    phases = states.get(PHASE, np.zeros(0, dtype=np.int64))
    onsets = _onsets(phases, from_start=True)
    starts = [sample for sample in onsets if phases[sample] == BEFORE]
    # In free spelling the text says nothing, and one that is too short belongs to another run.
    is_known = is_labelled and len(starts) <= len(spelled)
    letters = [*spelled] if is_known else [""] * len(starts)
    events += [
        (sample, TrialStart(number, letter).text() if letter else "trial/start")
        for number, (sample, letter) in enumerate(zip(starts, letters, strict=False), start=1)
    ]
    events += [(sample, "trial/end") for sample in onsets if phases[sample] == AFTER]
    others = {name: line for name, line in states.items() if name not in (CODE, LABEL, PHASE)}
    return sorted([*events, *_changes(others)], key=_sample)


def _changes(states: dict[str, NDArray[np.int64]]) -> list[tuple[int, str]]:
    return [
        (sample, f"{name}/{line[sample]}")
        for name, line in states.items()
        for sample in _onsets(line)
    ]


def _onsets(line: NDArray[np.int64], from_start: bool = False) -> list[int]:
    """Return the samples at which a state takes another value than 0.

    What it holds at the first sample began before, unless that is asked for.
    """
    if not line.size:
        return []
    first = 0 if from_start else int(line[0])
    before = np.concatenate([[first], line[:-1]])
    found: list[int] = np.flatnonzero((line != before) & (line != 0)).tolist()
    return found


def _sample(event: tuple[int, Any]) -> int:
    return event[0]
