"""From recordings of motor imagery to a decoder file, with figures of held-out data."""

import time

import msgspec
import numpy as np

from bci_online.config import DecoderMetrics, HeldOut
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import write_decoder
from bci_online.summaries import BadChannel
from calibration.motor_imagery.evaluation import Outcome, evaluate
from calibration.motor_imagery.method_choice import Choice, prepared
from calibration.motor_imagery.methods import method_of
from calibration.motor_imagery.pooling import with_pools
from calibration.motor_imagery.window_set import NO_CLASS
from calibration.networks.network_start import with_earlier
from calibration.pools import parse_pool
from calibration.progress import (
    NO_PROGRESS,
    Interrupted,
    TrainingProgress,
    interruptible,
)
from calibration.recordings import contents_of, versions_of
from calibration.training_request import TrainingRequest

__all__ = ["Trained", "train"]


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """What a training found, and what it was trained on.

    Parameters
    ----------
    outcome : Outcome or None
        Figures of held-out data; None if not requested.
    from_nothing : Outcome or None
        The same figures of a network that goes on from no other; None if this one does not either.
    decoder : Decoder
        As it is written to the file.
    trials : dict of str to int
        Number of trials of each class.
    n_windows : int
        Windows of known class.
    rejected : dict of str to int
        As in `WindowSet`.
    bad_channels : dict of str to BadChannel
        As in `WindowSet`.
    gaps, steps, lost_samples : int
        As in `WindowSet`.
    untranslated : dict of str to int
        As in `WindowSet`.
    notes : tuple of str
        What the user should know, one line each.
    seconds : float
        How long the training took.

    See Also
    --------
    train : Returns one; has an example.
    calibration.p300.training.Trained : The same for flashes.
    """

    outcome: Outcome | None
    from_nothing: Outcome | None = None
    decoder: Decoder
    trials: dict[str, int]
    n_windows: int
    rejected: dict[str, int]
    bad_channels: dict[str, BadChannel]
    gaps: int
    steps: int
    lost_samples: int
    untranslated: dict[str, int]
    notes: tuple[str, ...]
    seconds: float


def train(request: TrainingRequest, progress: TrainingProgress = NO_PROGRESS) -> Trained:
    """Train a decoder of imagery on recordings and write it.

    Parameters
    ----------
    request : TrainingRequest
        Its ``config`` is for motor imagery.
    progress : TrainingProgress
        Called while the training runs.

    Returns
    -------
    trained : Trained
        The figures; the decoder is in ``request.output``.

    Raises
    ------
    BciError
        If a recording cannot be read or trained on; nothing is written then.

    See Also
    --------
    calibration.motor_imagery.windows.windows_of : The windows it learns from.
    calibration.p300.training.train : The same for the P300 speller.

    Examples
    --------
    A simulated subject imagines movements of both hands, ten times each:

    >>> import tempfile
    >>> from pathlib import Path
    >>> from bci_online.config import Config, Presentation, Simulation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> config = Config(
    ...     paradigm="motor_imagery", presentation=Presentation(trials_per_class=10),
    ...     simulation=Simulation(sfreq=64.0, ch_names=("C3", "Cz", "C4")),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = Path(folder) / "run.xdf"
    ...     duration = write_recording(config, "", recording, seed=0)
    ...     trained = train(TrainingRequest(
    ...         recordings=(recording,), config=config, output=Path(folder) / "my.decoder",
    ...         method="csp-lda", evaluation=False,
    ...     ))
    >>> trained.trials
    {'left_hand': 10, 'right_hand': 10}
    """
    started = time.perf_counter()
    contents = _contents(request)
    with interruptible(request.method, progress) as progress:
        request, of_pools = with_pools(request, progress)
        choice = prepared(request, progress)
        decoder, windows = choice.trained(np.arange(len(choice.windows.trials)))
        outcome = _outcome(choice, progress) if request.evaluation else None
        from_nothing = _from_nothing(request, choice, progress)
        notes = choice.notes_of(decoder.header.method)
        notes = (*filter(None, [progress.said()]), *notes)
    header = msgspec.structs.replace(
        decoder.header,
        trained_on=contents,
        metrics={} if outcome is None else _metrics(outcome).as_dict(),
        versions=versions_of(decoder.header.kind),
        held_out=None if outcome is None else HeldOut(confusion=outcome.confusion),
    )
    write_decoder(request.output, header, dict(decoder.arrays))
    return Trained(
        outcome=outcome,
        from_nothing=from_nothing,
        decoder=decoder,
        trials={
            name: np.unique(windows.trial[windows.y == label]).size
            for label, name in enumerate(windows.classes)
        },
        n_windows=int(np.count_nonzero(windows.y != NO_CLASS)),
        rejected=windows.rejected,
        bad_channels=windows.bad_channels,
        gaps=windows.gaps,
        steps=windows.steps,
        lost_samples=windows.lost_samples,
        untranslated=windows.untranslated,
        notes=(*of_pools, *notes, *windows.notes),
        seconds=time.perf_counter() - started,
    )


def _contents(request: TrainingRequest) -> tuple[tuple[int, str], ...]:
    """Return what the decoder has learnt from: size and hash of each recording."""
    pools = [parse_pool(text, request.config) for text in request.pools]
    # Also among the pooled recordings: one in both would be trained on while it is held out.
    every = [*request.recordings, *(path for pool in pools for path in pool.paths)]
    return with_earlier(contents_of(every), request.start)


def _outcome(choice: Choice, progress: TrainingProgress) -> Outcome | None:
    """Return the figures of held-out data; None once somebody interrupts."""

    def folded(done: int, of: int) -> None:
        progress.folded(done, of)
        if progress.interrupted():
            raise Interrupted

    try:
        return evaluate(choice, folded)
    except Interrupted:
        return None


def _from_nothing(
    request: TrainingRequest, choice: Choice, progress: TrainingProgress
) -> Outcome | None:
    """Return the figures of the same training that goes on from nothing, if it does not."""
    if request.start is None or not request.evaluation or progress.interrupted():
        return None
    method = method_of(request.from_nothing, progress)
    return evaluate(choice.candidates[0]._replace(method=method), progress.folded)


def _metrics(outcome: Outcome) -> DecoderMetrics:
    return DecoderMetrics(
        trials=outcome.trials,
        right=outcome.right,
        right_low=outcome.right_ci[0],
        right_high=outcome.right_ci[1],
        right_whole=outcome.right_whole,
        decided=outcome.decided,
        seconds=outcome.seconds,
        bits_per_min=outcome.itr_bits_per_min,
        false_per_min=outcome.false_per_min,
        false_low=None if outcome.false_ci is None else outcome.false_ci[0],
        false_high=None if outcome.false_ci is None else outcome.false_ci[1],
        rest_min=outcome.rest_min,
        rest_cues=outcome.rest_cues,
        rest_cues_kept=outcome.rest_cues_kept,
        split=outcome.split,
    )
