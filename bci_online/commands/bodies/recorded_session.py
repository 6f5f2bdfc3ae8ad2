"""A session as its recording shows it: how it went, and what is decided again."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from bci_online.acquisition.xdf.session_texts import SessionTexts, read_session_texts
from bci_online.config import Config, MarkerStream, Security, read_config
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import RecordingError
from bci_online.markers import Feedback, Flash, SessionStarted, TrialStart
from bci_online.messages import Message
from bci_online.notes import ElectrodesAccepted, LateFlash
from bci_online.runtime.live import LiveRun
from bci_online.runtime.replay import replay
from bci_online.runtime.sources import FAST_CHUNK_S, recording
from bci_online.runtime.tally import Summary, Tally
from bci_online.session.folder import SessionFolder
from bci_online.session.plan import SessionMode
from bci_online.session.summary import SessionSummary
from bci_online.session_lines import PARSERS, SessionMessage
from bci_online.session_names import session_source_id
from bci_online.session_state import SessionState
from bci_online.summaries import ScreenSummary

__all__ = ["RecordedSession"]

Kind = TypeVar("Kind")
ENDED = "its conductor was killed; this summary was made from the recording"


def no_progress(seconds: float) -> None:
    """Show nothing."""


class RecordedSession:
    """One run of a session, read from its folder.

    Parameters
    ----------
    path : Path
        Its recording; the folder holds the configuration too, and the decoder if there was one.

    Raises
    ------
    BciError
        If it is not the recording of a session, or its configuration cannot be read.

    See Also
    --------
    bci_online.session.folder.SessionFolder : What the folder holds.
    """

    def __init__(self, path: Path) -> None:
        self.folder = SessionFolder.of(path)
        self.path = path
        if not (config := self.folder.whole_config).exists():
            raise RecordingError(
                f"{path}: is no session's, {config.name} is not beside it; "
                "bci-online look reads any recording"
            )
        self.config = read_config(config)
        self.texts: SessionTexts = read_session_texts(path)
        self.messages = list(self._messages())

    def _messages(self) -> Iterator[tuple[float, SessionMessage]]:
        for stamp, kind, text in self.texts.lines:
            message = PARSERS[kind](text)
            if message is not None:
                yield stamp, message

    def of(self, kind: type[Kind]) -> list[Kind]:
        """Return the messages of one kind, in the order in which they were sent."""
        return [message for _, message in self.messages if isinstance(message, kind)]

    @property
    def streams(self) -> Config:
        """The configuration that names the session's own streams in its recording."""
        eeg = self.config.eeg
        if self.texts.eeg:
            eeg = msgspec.structs.replace(eeg, name=self.texts.eeg)
        markers = MarkerStream(names=(session_source_id(self.texts.session, "markers"),))
        # Its screen signed its markers, whatever the configuration says of other programs.
        own = {"eeg": eeg, "markers": markers, "security": Security()}
        return msgspec.structs.replace(self.config, **own)

    def replayed(
        self, progress: Callable[[float], None] = no_progress
    ) -> Iterator[Message | Summary]:
        """Decode the recording again with the session's decoder; yield as `replay` does."""
        path = self.folder.decoder
        decoder = read_decoder(path) if path.exists() else None
        errp = read_decoder(self.folder.errp) if self.folder.errp.exists() else None
        config = self.streams
        source = recording(self.path, config, FAST_CHUNK_S)
        source.open()
        run = LiveRun(config=config, session=self.texts.session, markers=config.markers, errp=errp)
        header, chain, _ = run.chain(decoder, source.spec)
        tally = Tally(header, chain.translator.rules)
        yield from replay(source, chain, tally, load_s=source.load_s, progress=progress)
        source.close()

    @property
    def mode(self) -> SessionMode:
        """As `SessionPlan` has it; without a start it follows from the decoder."""
        started = self.of(SessionStarted)
        info = started[0].info if started else {}
        if self.config.paradigm == "motor_imagery":
            gives_feedback = not info.get("calibration", not self.folder.decoder.exists())
            return "feedback" if gives_feedback else "calibration"
        said = info.get("mode", "free" if self.folder.decoder.exists() else "calibration")
        # Where it is not known, the text may be the subject's own.
        return said if said in ("calibration", "copy", "errp") else "free"

    def summary(self, progress: Callable[[float], None] = no_progress) -> SessionSummary:
        """Return the results of the session, all of them from its recording."""
        mode = self.mode
        state = SessionState(
            attempts=self.config.presentation.attempts, is_cued=mode == "copy", mode=mode
        )
        for stamp, message in self.messages:
            state.observe(message, stamp)
        *_, engine = self.replayed(progress)
        assert isinstance(engine, Summary)
        accepted = self.of(ElectrodesAccepted)
        return SessionSummary(
            mode=mode,
            paradigm=self.config.paradigm,
            words=self._words(mode),
            ended=ENDED,
            recording=self.path.name,
            electrodes=accepted[-1] if accepted else None,
            recorder="closed" if self.texts.is_closed else "died",
            bytes=self.path.stat().st_size,
            screen=self._screen(state, mode),
            engine=engine,
            is_free_text=mode == "free",
        )

    def _words(self, mode: SessionMode) -> tuple[str, ...]:
        """Return what was to be spelled; of a copied text only what was cued is known."""
        if mode == "calibration":
            return self.config.presentation.words
        cued = [start.symbol for start in self.of(TrialStart)]
        return ("".join(cued),) if mode == "copy" and any(cued) else ()

    def _screen(self, state: SessionState, mode: SessionMode) -> ScreenSummary:
        judged = [one.what for one in self.of(Feedback) if one.what != "start"]
        values = {line.trial: line.value for line in state.decisions.chosen}
        answers = [values.get(trial) or "?" for trial in state.letters.answered]
        spelled = state.copied if mode == "calibration" else answers
        return ScreenSummary(
            reason=state.reason,
            spelled="".join(spelled) if self.config.paradigm == "p300" else "",
            trials=len(self.of(TrialStart)),
            flashes=len(self.of(Flash)),
            late_flashes=len(self.of(LateFlash)),
            hits=judged.count("hit"),
            judged=len(judged),
            frames=self.texts.n_frames,
        )
