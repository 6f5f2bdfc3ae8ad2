"""One look at a recording before anything is trained on it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bci_online.acquisition.file_names import is_other_format
from bci_online.acquisition.xdf.overview import StreamOverview
from bci_online.config import Config
from bci_online.console import plain
from bci_online.errors import BciError
from bci_online.input_findings import InputFinding, ordered
from bci_online.look.eeg_choice import missing_eeg
from bci_online.look.file_streams import roles_of, streams_in
from bci_online.look.mended import MendedConfig
from bci_online.look.responses import response_of
from bci_online.look.run_findings import figures, run_findings
from bci_online.look.run_through import RunThrough, run_through
from bci_online.look.seen import Look, SeenStream, seen_channels, seen_stream
from bci_online.look.words import marker_words, questions

__all__ = ["look_at"]

# Each run may show what the one before hid: first the rate, then the words of a trigger channel.
MOST_RUNS = 4

IMAGERY = """paradigm = "motor_imagery"
filter.l_freq = 8.0
filter.h_freq = 30.0"""


def look_at(path: Path, tables: Mapping[str, Any] | None = None, name: str = "") -> Look:
    """Look at a recording, and work out the configuration that reads it best.

    Parameters
    ----------
    path : Path
        A recording.
    tables : mapping of str to object, optional
        Of a configuration to begin with.
    name : str
        What is shown in place of the file's name.

    Returns
    -------
    look : Look
        Also of a recording without EEG; then it shows the streams alone.

    Raises
    ------
    BciError
        If the file cannot be read, or the configuration is wrong.

    See Also
    --------
    bci_online.look.run_through.run_through : What becomes of the recording in the chain.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.config import Presentation, Simulation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> config = Config(
    ...     presentation=Presentation(repetitions=2),
    ...     simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz")),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     duration = write_recording(config, "A", Path(folder) / "run.xdf", seed=0)
    ...     look = look_at(Path(folder) / "run.xdf")
    >>> look.findings, [(stream.role, stream.n_channels) for stream in look.streams]
    ((), [('EEG', 2), ('markers', 1)])
    """
    streams, damage = streams_in(path)
    mended = MendedConfig(tables or {})
    findings = [InputFinding("damage", "the file", note) for note in damage]
    no_eeg = None if is_other_format(path) else missing_eeg(streams, mended.config.eeg)
    if no_eeg is not None:
        findings.append(no_eeg)
        mended.take(no_eeg)
    run = None
    if no_eeg is None or no_eeg.line:
        run = _run(path, mended, findings)
    config = mended.config
    known = tuple(ordered(findings))
    shown = Look(
        name=name or path.name,
        streams=tuple(_seen(streams, config, path)),
        findings=known,
        toml=f"# What reads {plain(name or path.name)}; all else is usual.\n{mended.text()}",
    )
    return shown if run is None else _with_run(shown, run, config)


def _run(path: Path, mended: MendedConfig, findings: list[InputFinding]) -> RunThrough | None:
    """Run the recording until no finding changes the configuration any more; add findings."""
    run: RunThrough | None = None
    found: list[InputFinding] = []
    for _ in range(MOST_RUNS):
        try:
            run = run_through(path, mended.config)
        except BciError as error:
            findings += [
                *found,
                InputFinding("no eeg", "the recording", _without_name(error, path)),
            ]
            return run
        found = run_findings(run, mended.config)
        # A list: each of them is taken.
        if not any([*map(mended.take, found), _is_imagery(run, mended)]):
            break
        # A finding without a line may be mended by another's line, so it is looked for again.
        findings += [finding for finding in found if finding.line]
    findings += found
    return run


def _is_imagery(run: RunThrough, mended: MendedConfig) -> bool:
    """Set the paradigm if the markers have cues and no flashes; return whether that is new."""
    words = marker_words(run.markers, mended.config.markers.translate, mended.config.markers.join)
    kinds = {word.meaning.partition(",")[0] for word in words}
    if "cue" not in kinds or "flash" in kinds or mended.config.paradigm == "motor_imagery":
        return False
    return mended.add(IMAGERY, "the markers have cues and no flashes")


def _without_name(error: BciError, path: Path) -> str:
    return str(error).removeprefix(f"{path}: ")


def _with_run(look: Look, run: RunThrough, config: Config) -> Look:
    words = marker_words(run.markers, config.markers.translate, config.markers.join)
    is_asked = any(one.kind == "markers unread" and not one.line for one in look.findings)
    return msgspec.structs.replace(
        look,
        toml=look.toml + questions(words) if is_asked else look.toml,
        unit=run.spec.unit,
        channels=seen_channels(run, look.findings),
        words=tuple(words),
        facts=tuple(figures(run)),
        response=response_of(run.stimuli.by_class(), run.preprocessing),
    )


def _seen(streams: Sequence[StreamOverview], config: Config, path: Path) -> Iterator[SeenStream]:
    origin = min((float(one.common.min()) for one in streams if one.common.size), default=0.0)
    for stream, role in zip(streams, roles_of(streams, config, path), strict=True):
        yield seen_stream(stream, role, origin)
