"""A live run: the streams of the network through the engine, until the session ends."""

import math
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from bci_online.acquisition.lsl import (
    LslSource,
    TextOutlet,
    local_clock,
    session_outlet,
    wait_until_left,
)
from bci_online.config import Config
from bci_online.decoding.decoder import Decoder
from bci_online.errors import BciError, ConfigError
from bci_online.messages import Message, Status
from bci_online.paradigms.p300.language import language
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.engine import Engine
from bci_online.runtime.no_decoder import chain_without_decoder
from bci_online.runtime.publisher import LivePublisher
from bci_online.runtime.quality_source import QualitySource
from bci_online.runtime.replay import Summary, Tally
from bci_online.session_lines import EngineReady, line_text

__all__ = ["Shown", "decode"]


class Shown(Protocol):
    """Where a person reads what a run says."""

    def note(self, text: str) -> None:
        """Say something beside the run."""
        ...

    def message(self, message: Message, row: object) -> None:
        """Show a message; `row` is its line of JSON."""
        ...

    def summary(self, summary: Summary) -> None:
        """Show what the run came to."""
        ...


def decode(
    decoder: Decoder | None,
    config: Config,
    session: str,
    showing: Shown,
    *,
    translate: bool = True,
    dynamic: bool = True,
    clock: Callable[[], float] | None = local_clock,
    max_repetitions: int | None = None,
    trials: frozenset[int] = frozenset(),
    watch: Callable[[], None] = lambda: None,
) -> None:
    """Decode the streams that `config` names until the session ends; without a decoder, watch.

    Parameters
    ----------
    decoder : Decoder or None
        Says everything of the chain but where the streams are.
    config : Config
        Which streams, and what a live run puts up with.
    session : str
        Of the decisions and the journal.
    showing : Shown
        Shows a person what is said.
    translate : bool
        Read markers by the configuration's table, and not by the decoder's.
    dynamic, max_repetitions
        As in `online_chain`.
    clock : callable or None
        As in `LivePublisher`.
    trials : frozenset of int
        As in `Tally`.
    watch : callable
        Called again and again, also before the streams are there; what it raises ends the run.

    Raises
    ------
    BciError
        If the streams cannot be used, the EEG is lost for too long, or decoding fails.
    """
    if decoder is not None:
        _read_language(config.language.code)
    live = config.live
    lost_after = live.lost_after if live.on_lost == "end" else math.inf
    source = LslSource(
        config.eeg,
        config.markers,
        resolve_timeout=live.resolve_timeout,
        lost_after=lost_after,
        meanwhile=watch,
    )
    decisions, journal = (session_outlet(session, kind) for kind in ("decisions", "journal"))
    try:
        source.open()
        if decoder is None:
            header, chain, paradigm = chain_without_decoder(config, source.spec)
        else:
            header, markers = decoder.header, config.markers if translate else None
            chain, paradigm = online_chain(decoder, source.spec, dynamic, max_repetitions, markers)
        for warning in chain.warnings:
            showing.note(warning)
        tally = Tally(header, chain.translator.rules, trials)
        window_s = header.preprocessing.scored_s
        publisher = LivePublisher(
            tally,
            window_s,
            clock,
            live,
            decisions,
            journal,
            showing.message,
            paradigm.trial_evidence,
        )
        text = f"ready: session {session}, stream {source.spec.name}"
        publisher(Status("info", text, local_clock()))
        judged = QualitySource(source, header.preprocessing.ch_names, local_clock)
        engine = Engine(judged, chain, publisher, local_clock, live)

        def beat() -> None:
            # Again and again, for whoever receives the journal only now.
            spec = source.spec
            ready = EngineReady(local_clock(), spec.name, spec.type, spec.source_id)
            journal.push(line_text(ready))
            watch()

        began = local_clock()
        failure = _run(engine, beat)
        seconds = local_clock() - began
        summary = tally.summary(chain, engine.n_samples / source.spec.sfreq, 0.0, seconds)
        showing.summary(publisher.completed(summary))
        if failure is not None:
            raise failure
    finally:
        source.close()
        _hang_up(decisions, journal)


def _read_language(code: str) -> None:
    """Read a language now: it takes a second, in which decoding would fall behind."""
    if code:
        # One that is not known is told when the session names it.
        with suppress(ConfigError):
            language(code)


def _hang_up(*outlets: TextOutlet) -> None:
    # Whoever records the session reads the last lines before the streams end.
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
