"""Recordings run through the online chain, one after the other, and what it says of them."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from bci_online.acquisition.source import Source
from bci_online.config import Config, Preprocessing, preprocessing_for
from bci_online.errors import RecordingError
from bci_online.markers import Event
from bci_online.messages import Epoch, Gap, Message, Rejected, Retracted, Score, TrialEvidence
from bci_online.runtime.assembly import FAST_CHUNK_S, recording
from bci_online.runtime.chain import Chain, Cutting

__all__ = ["Collector", "Heard", "hear", "sources_of"]


class Collector(ABC):
    """A paradigm that decides nothing, keeps what is served, and counts what was rejected."""

    def __init__(self) -> None:
        self.unknown_codes = 0
        self.rejected: Counter[str] = Counter()

    @abstractmethod
    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Keep what became of a marker."""

    @abstractmethod
    def retract(self, retracted: Retracted) -> Retracted:
        """Drop what turned out to lie over a loss."""

    def finish(self) -> list[Message]:
        """Nothing is left to say."""
        return []

    def trial_evidence(self) -> TrialEvidence | None:
        """Nothing is weighed here."""
        return None


Kept = TypeVar("Kept", bound=Collector)


class Heard(Generic[Kept]):
    """One collector per recording, and what concerns all of them."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self.runs: list[Kept] = []
        self.gaps: list[Gap] = []
        self.untranslated: Counter[str] = Counter()
        self.notes: list[str] = []
        self.n_samples = 0

    @property
    def rejected(self) -> dict[str, int]:
        """How many were rejected, by reason, the most frequent first."""
        return dict(sum((run.rejected for run in self.runs), Counter()).most_common())

    @property
    def lost_samples(self) -> int:
        """How many samples are missing."""
        return sum(gap.n_lost for gap in self.gaps)

    def nothing(self, piece: str, wanted: str, marker: str) -> RecordingError:
        """Return the error that explains why there is nothing to train on, with the way out.

        Parameters
        ----------
        piece : str
            What was cut, such as ``window``.
        wanted : str
            What there is none of, such as ``cue``.
        marker : str
            What it looks like in a recording.
        """
        where = ", ".join(self._names) or "no recording"
        if self.rejected:
            reasons = ", ".join(f"{n} {reason}" for reason, n in self.rejected.items())
            why = f"every {piece} was rejected ({reasons}); look at the recording's gaps"
        elif self.untranslated:
            most = ", ".join(repr(text) for text, _ in self.untranslated.most_common(5))
            why = (
                f"no {wanted}; {sum(self.untranslated.values())} markers are not in the grammar, "
                f"such as {most}: translate them with [[markers.translate]] in the config"
            )
        else:
            why = f"no {marker} was found"
        return RecordingError(f"{where}: {why}")


def sources_of(paths: Sequence[Path], config: Config) -> list[tuple[str, Source]]:
    """Return recordings as `hear` takes them: a name for messages, and a source."""
    return [(path.name, recording(path, config, FAST_CHUNK_S)) for path in paths]


def hear(
    sources: Sequence[tuple[str, Source]],
    config: Config,
    preprocessing: Preprocessing | None,
    progress: Callable[[str], None],
    collector: Callable[[int, Preprocessing], Kept],
    cutting: Callable[[Preprocessing], Cutting | None] = lambda _: None,
) -> tuple[Heard[Kept], Preprocessing | None]:
    """Run recordings through chains of their own.

    Parameters
    ----------
    sources : sequence of (str, Source)
        Name (for messages) and source of each run.
    config : Config
        Says what is cut, unless `preprocessing` does.
    preprocessing : Preprocessing or None
        Taken from the first recording if None; all others must match it.
    progress : callable
        Told the name of each recording before it is opened.
    collector, cutting : callable
        Make what each run's chain is to have; the former is told the run's number.

    Returns
    -------
    heard : Heard
    preprocessing : Preprocessing or None
        None where there is no recording.

    Raises
    ------
    RecordingError
        If a recording cannot be read.
    DecoderMismatchError
        If the recordings do not match each other.
    """
    heard: Heard[Kept] = Heard([name for name, _ in sources])
    for number, (name, source) in enumerate(sources):
        progress(name)
        source.open()
        preprocessing = preprocessing or preprocessing_for(config, source.spec)
        run = collector(number, preprocessing)
        translate, cut = config.markers.translate, cutting(preprocessing)
        chain = Chain(preprocessing, source.spec, run, None, translate, cut)
        heard.runs.append(run)
        heard.notes += [f"{name}: {warning}" for warning in chain.warnings]
        while (reading := source.read()) is not None:
            heard.gaps += [message for message in chain.push(reading) if isinstance(message, Gap)]
            heard.n_samples += sum(chunk.stamps.size for chunk in reading.chunks)
        chain.finish()
        source.close()
        heard.untranslated += chain.translator.untranslated
    return heard, preprocessing
