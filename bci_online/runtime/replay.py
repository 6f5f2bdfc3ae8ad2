"""A recording through the online chain, as fast as it goes or at a speed."""

import time
from collections.abc import Callable, Iterator

from bci_online.acquisition.source import Source
from bci_online.messages import Message
from bci_online.runtime.chain import Chain
from bci_online.runtime.tally import Summary, Tally

__all__ = ["replay"]


def replay(
    source: Source,
    chain: Chain,
    tally: Tally,
    speed: float | None = None,
    load_s: float = 0.0,
    progress: Callable[[float], None] = lambda seconds: None,
) -> Iterator[Message | Summary]:
    """Run an opened source through a chain.

    Parameters
    ----------
    source : Source
        Opened.
    chain : Chain
        Fresh.
    tally : Tally
        Counts along.
    speed : float, optional
        1 is real time; None as fast as it goes.
    load_s : float
        How long opening took, for the summary.
    progress : callable
        Called with the seconds of recording read so far.

    Yields
    ------
    message : Decision, Gap, Retracted, Status
        As they arise; last the `Summary`.
    """
    sfreq = source.spec.sfreq
    started = time.perf_counter()
    n_samples = 0
    while (reading := source.read()) is not None:
        n_samples += sum(chunk.stamps.size for chunk in reading.chunks)
        if speed is not None:
            time.sleep(max(0.0, started + n_samples / sfreq / speed - time.perf_counter()))
        yield from filter(tally.take, chain.push(reading))
        progress(n_samples / sfreq)
    yield from filter(tally.take, chain.finish())
    wall_s = time.perf_counter() - started
    yield tally.summary(chain, n_samples / sfreq, load_s, wall_s)
