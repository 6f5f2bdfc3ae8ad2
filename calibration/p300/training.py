"""From recordings of flashes to a decoder file, with figures of held-out data."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from bci_online.config import Promise
from bci_online.decoding.decoder_file import write_decoder
from bci_online.summaries import BadChannel
from calibration.blas_threads import one_blas_thread
from calibration.networks.network_start import with_earlier
from calibration.p300.answer_evidence import check_answers
from calibration.p300.cut_beside import CutBeside
from calibration.p300.evaluation import Outcome, evaluate, evaluation_begun, workers_beforehand
from calibration.p300.fitted import Fitted
from calibration.p300.label_checks import misread_codes, mixed_labels
from calibration.p300.label_leak import label_leaks
from calibration.p300.library.sources import pooled_with_library
from calibration.p300.methods import FlashMethod, method_of
from calibration.p300.networks import with_pool
from calibration.p300.pooling.recordings import Pooled, pooled_with
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of
from calibration.p300.sensor_figure import measured_paths
from calibration.p300.time_checks import TimeChecks
from calibration.p300.trained_header import expectations_begun, header_of, metrics_of
from calibration.pools import parse_pool
from calibration.progress import NO_PROGRESS, Interrupted, TrainingProgress, interruptible
from calibration.recordings import contents_of
from calibration.training_request import TrainingRequest
from calibration.worker_processes import processes_for
from calibration.workers import NOBODY, Workers

if TYPE_CHECKING:
    # It imports scikit-learn, which takes a second.
    from calibration.sparse.sensor_path import SensorPath

__all__ = ["Trained", "train"]

MUCH = 1_000_000
"""So many numbers in all epochs make a fold worth the start of a process: 1000 of 64 channels."""

RESAMPLES = 20
"""How often the sensors of the decoder are chosen again on resampled letters."""


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """What a training found, and what it was trained on.

    Parameters
    ----------
    outcome : Outcome or None
        Figures of held-out data; None if not requested.
    from_nothing : Outcome or None
        The same figures of a network that goes on from no other; None if this one does not either.
    n_epochs, n_targets : int
        Flashes that were learnt from, and targets among them.
    fitted : Fitted
        The decoder.
    promise : Promise or None
        What to expect of live spelling; None with too few letters.
    rejected : dict of str to int
        Flashes that were not learnt from, by reason.
    bad_channels : dict of str to BadChannel
        As in `EpochSet`.
    gaps, steps, lost_samples : int
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
    steps: int
    lost_samples: int
    untranslated: dict[str, int]
    unknown_codes: int
    notes: tuple[str, ...]
    # Of `SensorPath`, whose module imports scikit-learn; types of a struct must be there.
    sensor_paths: Mapping[str, Any]
    seconds: float
    from_nothing: Outcome | None = None


def train(request: TrainingRequest, progress: TrainingProgress = NO_PROGRESS) -> Trained:
    """Train a decoder on recordings and write it.

    Parameters
    ----------
    request : TrainingRequest
        Its pools help on the sensors that all recordings have.
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
    with workers_beforehand(request) as workers:
        return _train(request, progress, workers)


def _train(request: TrainingRequest, progress: TrainingProgress, workers: Workers) -> Trained:
    started = time.perf_counter()
    config = request.config
    of_time = TimeChecks(request)
    pooled, contents = _with_others(request, progress, of_time.cuts)
    epochs = pooled.recorded.all()
    check_answers(epochs)
    with one_blas_thread(), interruptible(request.method, progress) as progress:
        if request.network is not None and request.is_pooled:
            watched = request.network.watched(progress.passed, ends=progress.ends)
            request = msgspec.structs.replace(request, network=with_pool(watched, pooled.sources))
        # Outer folds keep the processes busy.
        helping = NOBODY if request.evaluation else workers
        method = method_of(request, pooled.sources, progress, helping)
        with _evaluation(request, pooled.recorded, method, progress, workers) as evaluated:
            fitted = method.fit(pooled.recorded, np.arange(len(epochs)), config, RESAMPLES)
            # All this while other processes compute the held-out folds, and then what to expect.
            with expectations_begun(workers, config, fitted) as expected:
                said = [] if progress.interrupted() else of_time.said()
                arrays = fitted.arrays()
                labels = label_leaks(pooled.recorded.made_with(fitted.preprocessing), arrays)
                outcome = evaluated()
                header = header_of(request, fitted, epochs.y, expected)
            from_nothing = _from_nothing(request, pooled.recorded, progress)
        said = [] if outcome is None else said
        said.append(progress.said())
    header = msgspec.structs.replace(
        header,
        method=fitted.method or method.full_name,
        trained_on=contents,
        metrics=metrics_of(len(epochs.preprocessing.ch_names), fitted.choice, outcome).as_dict(),
        held_out=None if outcome is None else outcome.held_out,
    )
    write_decoder(request.output, header, arrays)
    paths: Mapping[str, SensorPath] = {}
    if request.figure is not None and method.ranks_sensors:
        paths = measured_paths(epochs, config, request.preferred)
    labels += [one for one in (mixed_labels(epochs), misread_codes(epochs)) if one is not None]
    first = (*(one.text for one in labels), *filter(None, said))
    return _trained(first, pooled, fitted, header.promise, outcome, paths, started, from_nothing)


def _with_others(
    request: TrainingRequest, progress: TrainingProgress, beside: Sequence[CutBeside]
) -> tuple[Pooled, tuple[tuple[int, str], ...]]:
    """Return the epochs with those of others, and all contents."""
    config, own = request.config, request.recordings
    pools = [parse_pool(text, config) for text in request.pools]
    # A worker on another computer may read them again, and it starts in another folder.
    read = [path.absolute() for path in own] if request.scheduler else own
    recorded = epochs_of(read, config, request.trials, progress.opened, beside)
    # Also among the pooled recordings: one in both would be trained on while it is held out.
    every = contents_of([*own, *(path for pool in pools for path in pool.paths)])
    contents = with_earlier(every, request.start)
    if not request.is_pooled:
        return Pooled(recorded), contents
    if request.library is None:
        pooled = pooled_with(recorded, config, pools, progress.opened)
    else:
        pooled, more = pooled_with_library(recorded, config, request.library, own, contents)
        contents += more
    return pooled, contents


@contextmanager
def _evaluation(
    request: TrainingRequest,
    recorded: RecordedEpochs,
    method: FlashMethod,
    progress: TrainingProgress,
    workers: Workers,
) -> Iterator[Callable[[], Outcome | None]]:
    """Begin to evaluate a method; the figures are None if they are not wanted or interrupted."""
    if not request.evaluation:
        yield lambda: None
        return

    def stop_if_interrupted() -> None:
        if progress.interrupted():
            raise Interrupted

    def folded(done: int, of: int) -> None:
        progress.folded(done, of)
        stop_if_interrupted()

    processes = processes_for(request.jobs, recorded.all().X.size >= MUCH)
    of = recorded, method, request.config, processes, stop_if_interrupted
    begun = evaluation_begun(*of, request.scheduler, workers)
    with begun as outcome:

        def evaluated() -> Outcome | None:
            try:
                return outcome(folded)
            except Interrupted:
                return None

        yield evaluated


def _from_nothing(
    request: TrainingRequest, recorded: RecordedEpochs, progress: TrainingProgress
) -> Outcome | None:
    """Return the figures of a network that goes on from no other, where this one does."""
    if request.start is None or not request.evaluation or progress.interrupted():
        return None
    method = method_of(request.from_nothing, progress=progress)
    return evaluate(recorded, method, request.config, progress.folded)


def _trained(
    first_notes: tuple[str, ...],
    pooled: Pooled,
    fitted: Fitted,
    promise: Promise | None,
    outcome: Outcome | None,
    paths: "Mapping[str, SensorPath]",
    started: float,
    from_nothing: Outcome | None,
) -> Trained:
    """Return all that was found."""
    epochs = pooled.recorded.all()
    used = pooled.recorded.made_with(fitted.preprocessing).within(fitted.limits)
    return Trained(
        outcome=outcome,
        from_nothing=from_nothing,
        n_epochs=len(used),
        n_targets=int(used.y.sum()),
        fitted=fitted,
        promise=promise,
        rejected=used.rejected,
        bad_channels=epochs.bad_channels,
        gaps=epochs.gaps,
        steps=epochs.steps,
        lost_samples=epochs.lost_samples,
        untranslated=epochs.untranslated,
        unknown_codes=epochs.unknown_codes,
        notes=(*first_notes, *epochs.notes, *pooled.notes, *fitted.notes),
        sensor_paths=paths,
        seconds=time.perf_counter() - started,
    )
