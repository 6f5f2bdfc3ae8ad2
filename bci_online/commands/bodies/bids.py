"""`bci-online export bids`: a session's recording as a BIDS data set, through mne-bids."""

import re
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from bci_online.config import read_config
from bci_online.console import json_line, note, plain
from bci_online.counted import counted
from bci_online.errors import BciError
from bci_online.markers import SessionStarted, parse_marker
from bci_online.output_paths import output_folder
from bci_online.runtime.whole_recording import WholeRecording, read_whole
from bci_online.session.folder import recordings_in

__all__ = ["export_bids"]

ENTITY = re.compile(r"(?:^|_)(sub|ses|task|run)-([A-Za-z0-9]+)(?=_|\.|$)")
KINDS = {"EEG": "eeg", "EOG": "eog", "ECG": "ecg", "EMG": "emg"}
MICROVOLT = 1e-6
DATA_SET = "Sessions of bci-online"


def export_bids(
    session: Path,
    root: Path,
    config_path: Path | None,
    *,
    task: str,
    line_freq: float,
    as_json: bool,
) -> None:
    """Write a recording into a BIDS data set: raw samples, and its markers as events.

    Parameters
    ----------
    session : Path
        A session's folder, or a recording in it named as in BIDS: ``sub-01_ses-02_task-p300…``.
    root : Path
        Folder of the data set: it is made, or the recording is added to it.
    config_path : Path or None
        Which streams are EEG and markers.
    task : str
        The task, where the name of the recording has none.
    line_freq : float
        Mains frequency, Hz.
    as_json : bool
        A line of JSON for a program.

    Raises
    ------
    BciError
        If mne-bids is not installed, the session is not there, has no BIDS name, or is in the
        data set already.

    See Also
    --------
    bci_online.runtime.whole_recording.read_whole : Reads the samples.

    Notes
    -----
    Lost samples are not filled in: the event ``boundary`` says where some are missing. A note of
    the operator becomes the event ``note`` without its words, because they may name people.
    Computers are not named either. In free spelling the layouts are written without symbols,
    because suggested words show what the subject wrote. The format has only microvolts: numbers of
    unknown unit are written as microvolts, and their channels have the unit ``n/a``.
    """
    output_folder(root)
    mne_bids = _mne_bids()
    path = _recording_in(session)
    names = _entities(path, task)
    whole = read_whole(path, None if config_path is None else read_config(config_path))
    raw, outside = _raw(whole, line_freq)
    bids = mne_bids.BIDSPath(
        subject=names["sub"], session=names.get("ses"), task=names["task"], run=names.get("run"),
        datatype="eeg", suffix="eeg", extension=".vhdr", root=root,
    )  # fmt: skip
    if bids.fpath.exists():
        raise BciError(f"{bids.fpath}: is there already; remove it, or choose another --output")
    root.mkdir(parents=True, exist_ok=True)
    if not (root / "dataset_description.json").exists():
        mne_bids.make_dataset_description(path=root, name=DATA_SET, verbose="ERROR")
    with warnings.catch_warnings():
        # It warns that it converts to BrainVision, as requested.
        warnings.simplefilter("ignore", RuntimeWarning)
        mne_bids.write_raw_bids(
            raw, bids, format="BrainVision", allow_preload=True, verbose="ERROR"
        )
        _describe(mne_bids, bids, whole)
    known_unit = whole.spec.unit == "microvolts"
    notes = list(whole.notes)
    notes += [f"left out: {counted(outside, 'marker')} outside the samples"] if outside else []
    notes += [] if known_unit else [f"unit {whole.spec.unit!r}: written as if it were microvolts"]
    for text in notes:
        note(text)
    row = {
        "type": "export",
        "file": str(bids.fpath),
        "samples": len(whole.data),
        "events": len(raw.annotations),
        "left_out": outside,
        "losses": len(whole.losses),
    }
    text = f"{row['samples']} samples and {counted(len(raw.annotations), 'event')} in {row['file']}"
    sys.stdout.write(json_line(row) if as_json else f"{plain(text)}\n")


def _mne_bids() -> Any:
    try:
        import mne_bids
    except ImportError as error:
        raise BciError(
            f"export needs mne-bids ({error.name} is missing): pip install 'bci-online[bids]'"
        ) from None
    return mne_bids


def _recording_in(session: Path) -> Path:
    if not session.is_dir():
        return session
    found = recordings_in(session)
    if len(found) != 1:
        what = ", ".join(path.name for path in found[:5]) or "none"
        raise BciError(f"{session}: holds {len(found)} recordings ({what}); name the one to export")
    return found[0]


def _entities(path: Path, task: str) -> dict[str, str]:
    """Return subject, session, task and run of a recording's name."""
    found = dict(ENTITY.findall(path.name))
    if "task" not in found and task:
        if not re.fullmatch("[A-Za-z0-9]+", task):
            raise BciError(f"--task {plain(task)}: must be letters and digits (BIDS)")
        found["task"] = task
    for entity, option in (("sub", ""), ("task", " or give --task")):
        if entity not in found:
            raise BciError(
                f"{path}: its name has no {entity}-…; name it like sub-01_ses-01_task-p300_run-01"
                f"_eeg.xdf{option}"
            )
    return found


def _raw(whole: WholeRecording, line_freq: float) -> tuple[Any, int]:
    """Return a recording as MNE has it, and how many markers lie outside its samples."""
    import mne

    kinds = [KINDS.get(kind, "misc") for kind in whole.spec.ch_types]
    info = mne.create_info(list(whole.spec.ch_names), whole.spec.sfreq, kinds, verbose="ERROR")
    info["line_freq"] = line_freq
    data = np.asarray(whole.data, dtype=np.float64).T * MICROVOLT
    raw = mne.io.RawArray(data, info, verbose="ERROR")
    placed = [(whole.sample_at(time), text) for time, text in whole.events]
    is_free = any(_is_free(text) for _, text in placed)
    events = [(sample, _public(text, is_free)) for sample, text in placed if sample is not None]
    n_beside = len(placed) - len(events)
    events += [(sample, "boundary") for sample, _ in whole.losses if sample < len(whole.data)]
    onsets = [sample / whole.spec.sfreq for sample, _ in events]
    raw.set_annotations(mne.Annotations(onsets, 0.0, [text for _, text in events]))
    return raw, n_beside


def _is_free(text: str) -> bool:
    event = parse_marker(text)
    return isinstance(event, SessionStarted) and event.info.get("mode") == "free"


def _public(text: str, is_free: bool) -> str:
    """Return a marker's text without people's own words and without what a table cannot hold."""
    kind, _, said = text.partition("/")
    is_private = kind == "note" or (kind == "layout" and is_free)
    return kind if said and is_private else plain(text)


def _describe(mne_bids: Any, bids: Any, whole: WholeRecording) -> None:
    """Write the stream's description of the amplifier, and what mne-bids cannot know."""
    sidecar = bids.copy().update(extension=".json")
    # mne-bids would name the maker of the file format here.
    entries: dict[str, object] = {"Manufacturer": "n/a"}
    known = {"EEGReference": whole.spec.reference, "ManufacturersModelName": whole.spec.amplifier}
    entries |= {name: text for name, text in known.items() if text}
    lost = sum(n for _, n in whole.losses)
    entries["RecordingType"] = "discontinuous" if lost else "continuous"
    mne_bids.update_sidecar_json(sidecar, entries, verbose="ERROR")
    if whole.spec.unit != "microvolts":
        channels = bids.copy().update(suffix="channels", extension=".tsv").fpath
        table = channels.read_text(encoding="utf-8-sig")
        channels.write_text(re.sub(r"\t[µμ]V\t", "\tn/a\t", table), encoding="utf-8")
