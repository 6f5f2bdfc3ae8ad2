"""A live run: the streams of the network through the engine, until the session ends."""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from bci_online.acquisition.lsl import (
    TextOutlet,
    local_clock,
    session_outlet,
    wait_until_left,
)
from bci_online.config import Config, DecoderHeader, EegStream, MarkerStream
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import write_decoder
from bci_online.decoding.uncalibrated import UncalibratedDecoder
from bci_online.errors import BciError, ConfigError
from bci_online.messages import Message, Status, StreamSpec
from bci_online.paradigms.p300.language import language
from bci_online.paradigms.paradigm import Paradigm
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.chain import Chain
from bci_online.runtime.earlier_runs import going_on
from bci_online.runtime.engine import Engine
from bci_online.runtime.gathering import GATHER_S
from bci_online.runtime.judged_readings import JudgedReadings
from bci_online.runtime.no_calibration import uncalibrated_decoder
from bci_online.runtime.no_decoder import chain_without_decoder
from bci_online.runtime.publisher import LivePublisher
from bci_online.runtime.sources import NetworkSource, session_source
from bci_online.runtime.surveyed_readings import SurveyedReadings
from bci_online.runtime.tally import Summary, Tally
from bci_online.session_lines import EngineReady

__all__ = ["LiveRun", "RunOutput", "decode"]

OPEN = (
    'markers are not signed (security.markers = "open"): every program on the network that sends '
    "such a stream can steer this run"
)

# The line that holds them is sent again and again.
MOST_FINDINGS = 5


class RunOutput(Protocol):
    """Where a run's messages are shown to a person.

    See Also
    --------
    decode : Shows its messages there.
    """

    def note(self, text: str) -> None:
        """Print a note."""
        ...

    def message(self, message: Message, row: object) -> None:
        """Show a message; `row` is its line of JSON."""
        ...

    def summary(self, summary: Summary) -> None:
        """Show the figures of the run."""
        ...


class LiveRun(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of a live run, without its decoder.

    Parameters
    ----------
    config : Config
        Which streams are read, and the limits of ``live``.
    session : str
        Name of the session whose decisions and journal are sent.
    markers : MarkerStream, optional
        Its table translates the markers; None: the decoder's table.
    dynamic : bool
        As in `online_chain`.
    max_repetitions : int, optional
        As in `online_chain`.
    trials : frozenset of int
        As in `Tally`.
    clock : callable or None
        As in `LivePublisher`; without it no samples gather.
    uncalibrated : Path, optional
        Decide without a decoder: one that was never calibrated is made and written there.
    start : UncalibratedDecoder, optional
        What earlier sessions say of the response, for `uncalibrated`.
    carried : str
        What the session's earlier runs leave, as `carried_over` returns it.
    errp : Decoder, optional
        As in `online_chain`.

    See Also
    --------
    decode : Runs it.
    bci_online.runtime.assembly.online_chain : The chain of a decoder.

    Examples
    --------
    >>> spec = StreamSpec(name="amp", sfreq=250.0, ch_names=("Cz",), ch_types=("EEG",))
    >>> header, chain, paradigm = LiveRun(config=Config(), session="s1").chain(None, spec)
    >>> header.method  # without a decoder nothing is decided
    'none'
    """

    config: Config
    session: str
    markers: MarkerStream | None = None
    dynamic: bool = True
    max_repetitions: int | None = None
    trials: frozenset[int] = frozenset()
    clock: Callable[[], float] | None = local_clock
    uncalibrated: Path | None = None
    start: UncalibratedDecoder | None = None
    carried: str = ""
    errp: Decoder | None = None

    def chain(
        self, decoder: Decoder | None, spec: StreamSpec
    ) -> tuple[DecoderHeader, Chain, Paradigm]:
        """Return the chain for a stream; without a decoder it decides nothing.

        Raises
        ------
        OSError
            If the decoder that was never calibrated cannot be written.
        """
        if self.uncalibrated is not None:
            decoder = uncalibrated_decoder(self.config, spec, self.start)
            write_decoder(self.uncalibrated, decoder.header, dict(decoder.arrays))
        if decoder is None:
            return chain_without_decoder(self.config, spec)
        # The session's own screen changes words between letters; it signs its markers.
        any_layout = self.config.security.markers == "signed"
        chain, paradigm = online_chain(
            decoder,
            spec,
            self.dynamic,
            self.max_repetitions,
            self.markers,
            any_layout,
            self.errp,
        )
        chain.push(going_on(self.carried))
        return decoder.header, chain, paradigm


def decode(
    decoder: Decoder | None,
    run: LiveRun,
    output: RunOutput,
    watch: Callable[[], None] = lambda: None,
    beat: Callable[[], None] = lambda: None,
) -> None:
    """Decode the streams of a run until its session ends; without a decoder, check the signal.

    Parameters
    ----------
    decoder : Decoder or None
        Its header describes the whole chain, except where the streams are.
    run : LiveRun
        Which streams, and how to decide.
    output : RunOutput
        Shows a person the notes, messages and figures.
    watch : callable
        Called repeatedly, also before the streams are there; an exception from it ends the run.
    beat : callable
        Called repeatedly once the streams are there, as long as the engine's thread does its work.

    Raises
    ------
    BciError
        If the streams cannot be used, the EEG is lost for too long, or decoding fails.

    See Also
    --------
    bci_online.runtime.engine.Engine : The thread.
    bci_online.runtime.replay.replay : The same with a recording.
    """
    if decoder is not None or run.uncalibrated is not None:
        _read_language(run.config.language.code)
    source = session_source(run.config, run.session, watch)
    decisions, journal = (session_outlet(run.session, kind) for kind in ("decisions", "journal"))
    try:
        source.open()
        header, chain, paradigm = run.chain(decoder, source.spec)
        notes = (*(finding.text for finding in source.findings), *chain.warnings)
        for note in notes:
            output.note(note)
        tally = Tally(header, chain.translator.rules, run.trials)
        publisher = LivePublisher(
            tally,
            header.preprocessing.scored_s,
            run.clock,
            run.config.live,
            decisions,
            journal,
            output.message,
            paradigm.trial_evidence,
        )
        text = f"ready: session {run.session}, stream {source.spec.name}"
        publisher(Status("info", text, local_clock()))
        if run.config.security.markers == "open":
            publisher(Status("warning", OPEN, local_clock()))
        judged = _judged(source, chain.stream_channels, run.config.eeg)
        gather_s = min(GATHER_S, header.preprocessing.scored_s / 4) if run.clock else 0.0
        engine = Engine(judged, chain, publisher, local_clock, run.config.live, gather_s)
        began = local_clock()
        ready = EngineReady(0.0, *_eeg(source.spec), findings=notes[:MOST_FINDINGS])
        failure = _run(engine, _each_wait(engine, ready, publisher, decisions, watch, beat))
        duration_s = engine.n_samples / source.spec.sfreq
        summary = tally.summary(chain, duration_s, 0.0, local_clock() - began)
        refused = msgspec.structs.replace(summary, refused_lines=source.n_refused)
        output.summary(publisher.completed(refused))
        if failure is not None:
            raise failure
    finally:
        source.close()
        _close_outlets(decisions, journal)


def _read_language(code: str) -> None:
    """Read a language now: it takes a second, in which decoding would fall behind."""
    if code:
        # An unknown language is reported when the session names it.
        with suppress(ConfigError):
            language(code)


def _each_wait(
    engine: Engine,
    ready: EngineReady,
    publisher: LivePublisher,
    decisions: TextOutlet,
    watch: Callable[[], None],
    beat: Callable[[], None],
) -> Callable[[], None]:
    """Return what is done again and again while the engine runs.

    The line that it is ready is repeated, because a program may connect late. While the engine's
    thread hangs there is no such line, and no beat.
    """
    turns = engine.turns

    def each() -> None:
        nonlocal turns
        before, turns = turns, engine.turns
        if turns != before:
            publisher(msgspec.structs.replace(ready, time=local_clock()))
            # The first decision may come late, and the others of this name before it.
            decisions.greet()
            beat()
        watch()

    return each


def _judged(source: NetworkSource, ch_names: Sequence[str], eeg: EegStream) -> JudgedReadings:
    """Return the readings of a source with what is found of its stream and its electrodes."""
    surveyed = SurveyedReadings(source, source.spec, eeg, ch_names, local_clock)
    return JudgedReadings(surveyed, source.spec, ch_names, local_clock)


def _eeg(spec: StreamSpec) -> tuple[str, str, str, float, int]:
    return spec.name, spec.type, spec.source_id, spec.sfreq, len(spec.ch_names)


def _close_outlets(*outlets: TextOutlet) -> None:
    # The recorder must read the last lines before the streams end.
    wait_until_left(outlets, 0.5)
    for outlet in outlets:
        outlet.close()


def _run(engine: Engine, watch: Callable[[], None]) -> BaseException | None:
    """Wait for the engine's end; return what went wrong: the summary comes before it.

    A Ctrl-C ends it in order, a second one at once.
    """
    failure: BaseException | None = None
    engine.start()
    try:
        while engine.wait():
            watch()
    except KeyboardInterrupt:
        sys.stderr.write("stopping: what was read is still decoded\n")
        engine.stop("interrupted")
    except BciError as error:
        failure = error
        engine.stop("lost")
    with suppress(BciError):
        while engine.wait():
            pass
    return failure or engine.error
