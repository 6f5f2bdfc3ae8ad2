"""A recording through the online chain, as fast as it goes or at a speed."""

import time
from collections.abc import Callable, Iterator

from threadpoolctl import threadpool_limits

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

    See Also
    --------
    bci_online.runtime.assembly.online_chain : Make the chain.
    bci_online.runtime.sources.recording : Make the source.

    Examples
    --------
    A simulated subject spells two letters; a decoder whose weights are all 1 decodes them:

    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from bci_online.config import (
    ...     Config, DecoderHeader, EpochSpec, Preprocessing, Presentation, Simulation
    ... )
    >>> from bci_online.decoding.decoder_file import make_decoder
    >>> from bci_online.runtime.assembly import online_chain
    >>> from bci_online.runtime.sources import recording
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> ch_names = ("Cz", "Pz")
    >>> header = DecoderHeader(
    ...     method="lda",
    ...     preprocessing=Preprocessing(
    ...         sfreq=128.0, ch_names=ch_names, unit="microvolts",
    ...         epoch=EpochSpec(tmin=0.0, tmax=0.6, step=0.05),
    ...     ),
    ... )
    >>> decoder = make_decoder(header, {
    ...     "coef": np.ones((2, 13)), "center": np.zeros((2, 13)),
    ...     "scale": np.ones(2), "intercept": np.zeros(1),
    ... })
    >>> config = Config(
    ...     presentation=Presentation(repetitions=2),
    ...     simulation=Simulation(sfreq=128.0, ch_names=ch_names),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.xdf"
    ...     duration = write_recording(config, "AB", path, seed=0)
    ...     source = recording(path)
    ...     source.open()
    ...     chain, _ = online_chain(decoder, source.spec)
    ...     *_, summary = replay(source, chain, Tally(header, ()))
    ...     source.close()
    >>> summary.presented, summary.epochs, summary.duration_s
    (2, 48, 24.0)
    """
    sfreq = source.spec.sfreq
    started = time.perf_counter()
    n_samples = 0
    # As live: BLAS threads that wait for each other take three times the processor time.
    with threadpool_limits(1):
        while (reading := source.read()) is not None:
            n_samples += sum(chunk.stamps.size for chunk in reading.chunks)
            if speed is not None:
                time.sleep(max(0.0, started + n_samples / sfreq / speed - time.perf_counter()))
            yield from filter(tally.take, chain.push(reading))
            progress(n_samples / sfreq)
        yield from filter(tally.take, chain.finish())
    wall_s = time.perf_counter() - started
    yield tally.summary(chain, n_samples / sfreq, load_s, wall_s)
