"""The online chain run over recordings, one after the other, and what it finds in them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from copy import copy
from pathlib import Path
from typing import Generic, TypeVar

from bci_online.acquisition.source import NotedSource
from bci_online.config import Config, Preprocessing, preprocessing_for
from bci_online.errors import DecoderMismatchError, RecordingError
from bci_online.marker_presets import best_preset
from bci_online.messages import Gap, Message, Status
from bci_online.preprocessing.cutting import Cutting
from bci_online.runtime.chain import Chain
from bci_online.runtime.sources import FAST_CHUNK_S, recording
from bci_online.stimulus_findings import Cause, causes_of
from bci_online.summaries import BadChannel, bad_channels, bad_channels_text, counted_channels
from calibration.collector import Collector

__all__ = ["ChainRuns", "run_chains", "sources_of"]


MOST_NOTES = 5
Kept = TypeVar("Kept", bound=Collector)


class ChainRuns(Generic[Kept]):
    """One collector for each recording, and what was found in all recordings.

    Parameters
    ----------
    names : sequence of str
        Of the recordings, for messages.

    See Also
    --------
    run_chains : Makes one.

    Examples
    --------
    >>> runs = ChainRuns(["run-1.xdf"])
    >>> print(runs.nothing("window", "cue", "cue/left"))
    run-1.xdf: no cue/left was found
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self.runs: list[Kept] = []
        self.gaps: list[Gap] = []
        self.untranslated: Counter[str] = Counter()
        self.notes: list[str] = []
        self.bad_seconds: list[dict[str, int]] = []
        self.n_samples = 0

    def with_runs(self, runs: list[Kept]) -> "ChainRuns[Kept]":
        """Return the same findings with other collectors, which ran beside these."""
        other = copy(self)
        other.runs, other.notes = runs, list(self.notes)
        return other

    @property
    def rejected(self) -> dict[str, int]:
        """Number of rejected epochs by reason, the most frequent first."""
        return dict(sum((run.rejected for run in self.runs), Counter()).most_common())

    @property
    def bad_channels(self) -> dict[str, BadChannel]:
        """What each bad channel cost."""
        return bad_channels(
            counted_channels(seconds, run.rejected_for)
            for seconds, run in zip(self.bad_seconds, self.runs, strict=True)
        )

    @property
    def lost_samples(self) -> int:
        """Number of missing samples."""
        return sum(gap.n_lost for gap in self.gaps)

    @property
    def steps(self) -> int:
        """How often the stamps stepped without a loss."""
        return sum(gap.step_s != 0 for gap in self.gaps)

    def causes(self, piece: str) -> list[Cause]:
        """Return why epochs or windows of `piece` were rejected, the most frequent cause first."""
        lost = self.lost_samples
        return causes_of(self.rejected, piece, lost, self.steps, self.untranslated)

    def take(self, name: str, messages: Sequence[Message]) -> None:
        """Keep gaps, and what a chain says about a recording's markers."""
        for message in messages:
            if isinstance(message, Gap):
                self.gaps.append(message)
                if message.step_s:
                    step = f"stamps stepped by {message.step_s:g} s at {message.time:.1f} s"
                    self.notes.append(f"{name}: {step}; flashes around it are left out")
            elif isinstance(message, Status) and message.kind == "told_twice":
                self.notes.append(f"{name}: {message.text}")

    def _way_to_read_them(self) -> str:
        fit = best_preset(self.untranslated, {})
        if fit is None:
            return (
                "translate them with [[markers.translate]] in the config, as bci-online look shows"
            )
        return f'markers.preset = "{fit[0]}" in the config reads {fit[1]} of them'

    def nothing(self, piece: str, wanted: str, marker: str) -> RecordingError:
        """Return the error that says why there is nothing to train on, and the way out.

        Parameters
        ----------
        piece : str
            What is cut, such as ``window``.
        wanted : str
            What is missing, such as ``cue``.
        marker : str
            How it is written in a recording.
        """
        where = ", ".join(self._names) or "no recording"
        if self.rejected:
            causes = "; ".join(cause.text for cause in self.causes(piece))
            why = f"every {piece} was rejected: {causes}"
            if self.bad_channels:
                costly = bad_channels_text(self.bad_channels, most=3)
                why += f"; bad channels, which eeg.exclude leaves out: {costly}"
        elif self.untranslated:
            most = ", ".join(repr(text) for text, _ in self.untranslated.most_common(5))
            why = (
                f"no {wanted}; {sum(self.untranslated.values())} markers are not in the grammar, "
                f"such as {most}: {self._way_to_read_them()}"
            )
        else:
            why = f"no {marker} was found"
        return RecordingError("; ".join([f"{where}: {why}", *self.notes[:MOST_NOTES]]))


def sources_of(paths: Sequence[Path], config: Config) -> list[tuple[str, NotedSource]]:
    """Return a name for messages and a source for each recording, as `run_chains` takes them.

    Parameters
    ----------
    paths : sequence of Path
        XDF files.
    config : Config
        Says which stream is meant.

    Returns
    -------
    sources : list of (str, NotedSource)
        They are not open yet.

    See Also
    --------
    run_chains : Takes them.

    Examples
    --------
    >>> from bci_online.config import Config
    >>> [name for name, _ in sources_of([Path("sub-01/run-1.xdf")], Config())]
    ['run-1.xdf']
    """
    return [(path.name, recording(path, config, FAST_CHUNK_S)) for path in paths]


def run_chains(
    sources: Sequence[tuple[str, NotedSource]],
    config: Config,
    preprocessing: Preprocessing | None,
    progress: Callable[[str], None],
    collector: Callable[[int, Preprocessing], Kept],
    cutting: Callable[[Preprocessing], Cutting | None] = lambda _: None,
) -> tuple[ChainRuns[Kept], Preprocessing | None]:
    """Run each recording through a separate chain.

    Parameters
    ----------
    sources : sequence of (str, NotedSource)
        Name (for messages) and source of each recording.
    config : Config
        Says what is cut where `preprocessing` is None.
    preprocessing : Preprocessing or None
        If None, it is made for the first recording. All others must match it.
    progress : callable
        Called with the name of each recording before it is opened.
    collector : callable
        Given number and preprocessing of a recording, makes its collector.
    cutting : callable
        Given the preprocessing, makes what cuts the signal; None cuts epochs.

    Returns
    -------
    runs : ChainRuns
        The collectors, in the order of the recordings, with gaps, rejections and notes.
    preprocessing : Preprocessing or None
        None if there is no recording.

    Raises
    ------
    RecordingError
        If a recording cannot be read.
    DecoderMismatchError
        If the recordings do not match each other.

    See Also
    --------
    sources_of : The sources of XDF files.
    bci_online.runtime.chain.Chain : The chain.

    Examples
    --------
    >>> def collector(number, preprocessing):
    ...     raise AssertionError("never called: there is no recording")
    >>> runs, preprocessing = run_chains([], Config(), None, print, collector)
    >>> print(runs.nothing("epoch", "flash", "flash/1"))
    no recording: no flash/1 was found
    """
    found: ChainRuns[Kept] = ChainRuns([name for name, _ in sources])
    for number, (name, source) in enumerate(sources):
        progress(name)
        with closing(source):
            source.open()
            preprocessing = preprocessing or preprocessing_for(config, source.spec)
            found.notes += [
                f"{name}: {text}" for text in _lost_sensors(preprocessing, source, config)
            ]
            run = collector(number, preprocessing)
            translate, cut = config.markers.translate, cutting(preprocessing)
            try:
                chain = Chain(preprocessing, source.spec, run, None, translate, cut)
            except DecoderMismatchError as error:
                raise _unlike(name, sources[0][0], error) from None
            found.runs.append(run)
            texts = [finding.text for finding in source.findings]
            texts += [*source.notes, *chain.warnings]
            found.notes += [f"{name}: {text}" for text in texts]
            while (reading := source.read()) is not None:
                found.take(name, chain.push(reading))
                found.n_samples += sum(chunk.stamps.size for chunk in reading.chunks)
            chain.finish()
            found.bad_seconds.append(chain.bad_seconds)
        found.untranslated += chain.translator.untranslated
    return found, preprocessing


def _unlike(name: str, first: str, error: DecoderMismatchError) -> DecoderMismatchError:
    """Return the error of a recording that names it, and what it does not go together with."""
    others = "" if name == first else f" does not go together with {first}, the first one"
    return DecoderMismatchError(f"{name}{others}: {error}")


def _lost_sensors(
    preprocessing: Preprocessing, source: NotedSource, config: Config
) -> Iterator[str]:
    """Yield a line for each sensor of the first recording that is no electrode in this one."""
    for sensor in preprocessing.ch_names:
        if sensor in source.spec.no_electrodes and sensor not in config.eeg.channels:
            yield (
                f"channel {sensor} is no electrode here, but takes part: it is one in the first "
                f'recording; eeg.exclude = ["{sensor}"] leaves it out of all'
            )
