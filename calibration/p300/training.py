"""From recordings of flashes to a decoder file, with figures of held-out data."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec
import numpy as np
from msgspec import UNSET

from bci_online.config import Config, DecoderHeader, DecoderMetrics, Promise, kept
from bci_online.decoding.decoder_file import write_decoder
from bci_online.interrupts import first_interrupt_noted
from bci_online.summaries import BadChannel
from calibration.blas_threads import one_blas_thread
from calibration.method_names import AUTO
from calibration.p300.evaluation import Outcome, evaluate
from calibration.p300.expectations import expected_spelling
from calibration.p300.fitted import Fitted
from calibration.p300.label_checks import misread_codes, mixed_labels
from calibration.p300.label_leak import label_leaks
from calibration.p300.methods import FlashMethod, method_of
from calibration.p300.pooling.recordings import Pooled, parse_pool, pooled_with
from calibration.p300.promise import promise_of
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of
from calibration.p300.response_place import misplaced_response
from calibration.p300.response_time import response_change
from calibration.p300.sensor_figure import measured_paths
from calibration.progress import NO_PROGRESS, Interrupted, TrainingProgress
from calibration.recordings import contents_of, versions_of
from calibration.sparse.sensor_path import SensorPath
from calibration.training_request import TrainingRequest

__all__ = ["Trained", "train"]

INTERRUPTED = (
    "stopped by Ctrl-C: the decoder is the best of the methods tried until then; train again for "
    "all methods and figures of held-out data"
)

RESAMPLES = 20
"""How often the sensors of the decoder are chosen again on resampled letters."""


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """What a training found, and what it was trained on.

    Parameters
    ----------
    outcome : Outcome or None
        Figures of held-out data; None if not requested.
    n_epochs, n_targets : int
        Flashes that were learnt from, and targets among them.
    fitted : Fitted
        The decoder.
    promise : Promise or None
        What live spelling is to be; None with too few letters.
    rejected : dict of str to int
        As in `EpochSet`.
    bad_channels : dict of str to BadChannel
        As in `EpochSet`.
    gaps, lost_samples : int
        As in `EpochSet`.
    untranslated : dict of str to int
        As in `EpochSet`.
    unknown_codes : int
        As in `EpochSet`.
    notes : tuple of str
        What the user should know, one line each.
    sensor_paths : dict of str to SensorPath
        AUC against the number of sensors by method; empty if it was not measured.
    seconds : float
        How long the training took.

    See Also
    --------
    train : Returns one; has an example.
    calibration.motor_imagery.training.Trained : The same for imagery.
    """

    outcome: Outcome | None
    n_epochs: int
    n_targets: int
    fitted: Fitted
    promise: Promise | None
    rejected: dict[str, int]
    bad_channels: dict[str, BadChannel]
    gaps: int
    lost_samples: int
    untranslated: dict[str, int]
    unknown_codes: int
    notes: tuple[str, ...]
    sensor_paths: Mapping[str, SensorPath]
    seconds: float


def train(request: TrainingRequest, progress: TrainingProgress = NO_PROGRESS) -> Trained:
    """Train a decoder on recordings and write it.

    Parameters
    ----------
    request : TrainingRequest
        Its pools are learnt with on the sensors that all recordings have.
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
    calibration.motor_imagery.training.train : The same for motor imagery.
    bci_online.decoding.decoder_file.read_decoder : Read the decoder.

    Examples
    --------
    A simulated subject copies three letters:

    >>> import tempfile
    >>> from pathlib import Path
    >>> from bci_online.config import Config, Presentation, Simulation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> config = Config(
    ...     presentation=Presentation(repetitions=2),
    ...     simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz")),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = Path(folder) / "run.xdf"
    ...     duration = write_recording(config, "ABC", recording, seed=0)
    ...     trained = train(TrainingRequest(
    ...         recordings=(recording,), config=config, output=Path(folder) / "my.decoder",
    ...         method="lda", evaluation=False,
    ...     ))
    >>> trained.n_epochs, trained.n_targets
    (72, 12)
    """
    started = time.perf_counter()
    config = request.config
    pools = [parse_pool(text, config) for text in request.pools]
    recorded = epochs_of(request.recordings, config, request.trials, progress.opened)
    # Of the pooled recordings too: one in both would be trained on while it is held out.
    contents = contents_of([*request.recordings, *(path for pool in pools for path in pool.paths)])
    pooled = Pooled(recorded)
    if pools:
        pooled = pooled_with(recorded, config, pools, progress.opened)
    epochs = pooled.recorded.all()
    outcome, notes = None, []
    with one_blas_thread(), _interruptible(request, progress) as progress:
        method = method_of(request, pooled.sources, progress)
        fitted = method.fit(pooled.recorded, np.arange(len(epochs)), config, RESAMPLES)
        if request.evaluation:
            outcome = _evaluated(pooled.recorded, method, config, progress)
            notes += _of_time(request)
        if progress.interrupted():
            notes.append(INTERRUPTED)
    header = msgspec.structs.replace(
        _header(request, fitted),
        method=fitted.method or method.full_name,
        trained_on=contents,
        metrics=_metrics(len(epochs.preprocessing.ch_names), fitted, outcome).as_dict(),
        held_out=None if outcome is None else outcome.held_out,
    )
    arrays = fitted.arrays()
    write_decoder(request.output, header, arrays)
    paths: Mapping[str, SensorPath] = {}
    if request.figure is not None and method.ranks_sensors:
        paths = measured_paths(epochs, config, request.preferred)
    labels = label_leaks(pooled.recorded.made_with(fitted.preprocessing), arrays)
    labels += [one for one in (mixed_labels(epochs), misread_codes(epochs)) if one is not None]
    first = (*(one.text for one in labels), *notes)
    return _trained(first, pooled, fitted, header.promise, outcome, paths, started)


@contextmanager
def _interruptible(
    request: TrainingRequest, progress: TrainingProgress
) -> Iterator[TrainingProgress]:
    """Let a Ctrl-C end a search for the best method early; of other methods it keeps nothing."""
    if request.method != AUTO:
        yield progress
        return
    with first_interrupt_noted() as interrupted:
        yield msgspec.structs.replace(progress, interrupted=interrupted)


def _evaluated(
    recorded: RecordedEpochs, method: FlashMethod, config: Config, progress: TrainingProgress
) -> Outcome | None:
    """Return figures of held-out data; None if they were interrupted."""

    def folded(done: int, of: int) -> None:
        progress.folded(done, of)
        if progress.interrupted():
            raise Interrupted

    try:
        return evaluate(recorded, method, config, folded)
    except Interrupted:
        return None


def _of_time(request: TrainingRequest) -> list[str]:
    """Return lines about responses at another time than flashes allow, and about changes."""
    where = request.recordings, request.config, request.trials
    return [line for line in (misplaced_response(*where), response_change(*where)) if line]


def _trained(
    first_notes: tuple[str, ...],
    pooled: Pooled,
    fitted: Fitted,
    promise: Promise | None,
    outcome: Outcome | None,
    paths: Mapping[str, SensorPath],
    started: float,
) -> Trained:
    """Return all that was found."""
    epochs = pooled.recorded.all()
    return Trained(
        outcome=outcome,
        n_epochs=len(epochs),
        n_targets=int(epochs.y.sum()),
        fitted=fitted,
        promise=promise,
        rejected=epochs.rejected,
        bad_channels=epochs.bad_channels,
        gaps=epochs.gaps,
        lost_samples=epochs.lost_samples,
        untranslated=epochs.untranslated,
        unknown_codes=epochs.unknown_codes,
        notes=(*first_notes, *epochs.notes, *pooled.notes, *fitted.notes),
        sensor_paths=paths,
        seconds=time.perf_counter() - started,
    )


def _header(request: TrainingRequest, fitted: Fitted) -> DecoderHeader:
    """Return what the decoder file says about the decoder itself and about its configuration."""
    config = request.config
    spelling = config.stopping, config.presentation, fitted.preprocessing.epoch.tmax
    return DecoderHeader(
        method=request.method,
        kind=fitted.kind,
        network=fitted.network,
        preprocessing=fitted.preprocessing,
        evidence=fitted.evidence,
        promise=promise_of(fitted.letters, fitted.evidence, *spelling),
        expected=expected_spelling(fitted.letters, *spelling),
        versions=versions_of(fitted.kind),
        learning=fitted.learning,
        tried=fitted.tried,
        **kept(config, DecoderHeader),
    )


def _metrics(recorded: int, fitted: Fitted, outcome: Outcome | None) -> DecoderMetrics:
    choice = fitted.choice
    # JSON has no infinity.
    q = "inf" if choice.q == math.inf else choice.q
    chosen = DecoderMetrics(
        recorded=recorded,
        sensors=len(choice.sensors),
        alpha=UNSET if choice.alpha is None else choice.alpha,
        lam=UNSET if choice.lam is None else choice.lam,
        q=UNSET if q is None else q,
    )
    if outcome is None:
        return chosen
    low, high = outcome.auc_ci
    return msgspec.structs.replace(
        chosen,
        auc=outcome.auc,
        auc_low=None if math.isnan(low) else low,
        auc_high=None if math.isnan(high) else high,
        letters_right=outcome.letters_right,
        letters=outcome.letters,
        split=outcome.split,
    )
