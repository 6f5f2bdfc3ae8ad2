"""Figures of held-out flashes: everything is redone in each outer fold."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, HeldOut
from bci_online.errors import RecordingError
from bci_online.metrics import auc, proportion_interval
from calibration.bootstrap import cluster_bootstrap_auc
from calibration.folds import OUTER_GROUPS, Fold, outer_folds, units
from calibration.method_names import EVERY_SENSOR, LINEAR
from calibration.p300.epochs import EpochSet
from calibration.p300.methods import FlashMethod
from calibration.p300.recorded_epochs import RecordedEpochs
from calibration.p300.spelled_letters import spell
from calibration.p300.training_epochs import purge_seconds
from calibration.training_request import TrainingRequest
from calibration.worker_processes import processes_for, shared_out
from calibration.workers import Workers, workers_begun

__all__ = ["Outcome", "evaluate", "evaluation_begun", "workers_beforehand"]

N_BINS = 40
SOLVER = "calibration.sparse.estimators.sparse_svm"  # What a method imports that chooses λ.

LONG = 8_000_000
"""Recordings of so many bytes have so many epochs that their folds are shared out."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What held-out data say about a method.

    Parameters
    ----------
    auc : float
        Area under the ROC curve of flashes, targets against others.
    auc_ci : tuple of float
        95 % interval, from a bootstrap over whole letters or tenths of a run.
    split : {"run", "letter", "block"}
        How the folds were made.
    n_folds : int
        How many there are.
    letters, letters_right : int
        Letters of known truth, and how many were spelled right with all repetitions.
    letters_ci : tuple of float
        95 % interval of the share that is right.
    spelled : str
        The letters as they were spelled.
    sensors : tuple of int
        Number of chosen sensors in each fold.
    n_epochs, n_targets : int
        Flashes that were scored, and targets among them.
    held_out : HeldOut, optional
        Histograms of the evidence of both classes.

    See Also
    --------
    evaluate : Returns one; has an example.
    calibration.motor_imagery.evaluation.Outcome : The same for imagery.
    """

    auc: float
    auc_ci: tuple[float, float]
    split: str
    n_folds: int
    letters: int
    letters_right: int
    letters_ci: tuple[float, float]
    spelled: str
    sensors: tuple[int, ...]
    n_epochs: int
    n_targets: int
    held_out: HeldOut | None = None


def evaluate(
    recorded: RecordedEpochs,
    method: FlashMethod,
    config: Config,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Outcome:
    """Train and test a method on splits by run, letter or block.

    Parameters
    ----------
    recorded : RecordedEpochs
        As `epochs_of` returns them.
    method : FlashMethod
        It is fitted again in every fold.
    config : Config
        Artefact limit, stopping rule.
    progress : callable
        Called with the number of folds that are done, and the number of all.

    Returns
    -------
    outcome : Outcome
        AUC and letters of held-out epochs, with 95 % intervals.

    Raises
    ------
    RecordingError
        If a fold cannot be trained on.

    See Also
    --------
    calibration.folds.outer_folds : The folds.
    calibration.motor_imagery.evaluation.evaluate : The same for imagery.

    Examples
    --------
    Six letters of two rows and two columns, five repetitions each. Targets are 2 higher:

    >>> from bci_online.config import Preprocessing
    >>> from calibration.p300.epochs import Letter
    >>> from calibration.p300.fitting import LinearMethod
    >>> layout = {1: ("A", "B"), 2: ("C", "D"), 3: ("A", "C"), 4: ("B", "D")}
    >>> letters = tuple(Letter(0, truth, layout) for truth in "ABCDAB")
    >>> code, letter = np.tile(np.arange(1, 5), 30), np.arange(120) // 20
    >>> y = np.array([letters[n].truth in layout[c] for n, c in zip(letter, code)])
    >>> X = np.random.default_rng(0).normal(size=(120, 2, 4)) + 2.0 * y[:, np.newaxis, np.newaxis]
    >>> epochs = EpochSet(
    ...     X=X, y=y, letter=letter, run=np.zeros(120, dtype=int), code=code, rejected={},
    ...     time=np.arange(120.0), peak_to_peak=np.ones((120, 2)), letters=letters,
    ...     preprocessing=Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0),
    ... )
    >>> recorded = RecordedEpochs(epochs, cut_again=lambda preprocessing: epochs)
    >>> evaluate(recorded, LinearMethod(name="lda"), Config()).spelled
    'ABCDAB'
    """
    with evaluation_begun(recorded, method, config) as outcome:
        return outcome(progress)


@contextmanager
def evaluation_begun(
    recorded: RecordedEpochs,
    method: FlashMethod,
    config: Config,
    processes: int = 1,
    waiting: Callable[[], None] = lambda: None,
    scheduler: str = "",
    begun: Workers | None = None,
) -> Iterator[Callable[[Callable[[int, int], None]], Outcome]]:
    """Begin what `evaluate` does, in other processes while this one does something else.

    Parameters
    ----------
    recorded, method, config : RecordedEpochs, FlashMethod, Config
        As for `evaluate`.
    processes : int
        How many, this one among them; 1: the folds are computed when the outcome is asked for. The
        outcome is the same for any number, to the last bit.
    waiting, scheduler, begun : callable, str, Workers
        As for `shared_out`.

    Yields
    ------
    outcome : callable
        Given a progress as `evaluate` has it, returns the `Outcome`.

    See Also
    --------
    calibration.folds.outer_folds : The folds.

    Examples
    --------
    `evaluate` uses it, and has an example.

    >>> evaluation_begun.__name__
    'evaluation_begun'
    """
    epochs = recorded.all()
    split, folds = outer_folds(epochs, purge_seconds(epochs.preprocessing))
    names = [f"fold {number} of {len(folds)} by {split}" for number in range(1, len(folds) + 1)]
    shareable = method.shareable(recorded, config) if processes > 1 or scheduler else method
    if shareable is None:
        shareable, processes, scheduler = method, 1, ""
    # A block may hold only a part of a letter.
    shared = _Shared(recorded, shareable, config, spells=split != "block")
    here = shared._replace(method=method)
    items = list(zip(names, folds, strict=True))
    with shared_out(_tested, shared, items, processes, waiting, scheduler, begun, here) as results:

        def outcome(progress: Callable[[int, int], None]) -> Outcome:
            tested = []
            for done in range(len(folds)):
                progress(done, len(folds))
                tested.append(next(results))
            progress(len(folds), len(folds))
            return _outcome(epochs, folds, tested, split)

        yield outcome


def workers_beforehand(request: TrainingRequest) -> AbstractContextManager[Workers]:
    """Begin processes for folds before the recordings are read, if these are long.

    Parameters
    ----------
    request : TrainingRequest
        Its recordings and jobs decide.

    Returns
    -------
    workers : context manager
        Gives the `Workers`.

    See Also
    --------
    evaluation_begun : Takes them.

    Examples
    --------
    >>> from pathlib import Path
    >>> request = TrainingRequest(
    ...     recordings=(), config=Config(), output=Path("my.decoder"), method="lda"
    ... )
    >>> with workers_beforehand(request) as workers:
    ...     workers.executor is None
    True
    """
    # The inner folds of a λ take long enough without outer ones.
    solves = request.method in set(LINEAR) - set(EVERY_SENSOR) and request.sensors is None
    paths, wanted = request.recordings, (request.evaluation or solves) and not request.scheduler
    is_long = sum(path.stat().st_size for path in paths if path.is_file()) > LONG
    processes = processes_for(request.jobs, is_long) if wanted else 1
    most_folds = max(OUTER_GROUPS, len(paths))
    return workers_begun(min(processes, 1 + most_folds), __name__, *[SOLVER] * solves)


class _Shared(NamedTuple):
    """What all folds need."""

    recorded: RecordedEpochs
    method: FlashMethod
    config: Config
    spells: bool


class _Tested(NamedTuple):
    """What one fold says of its held-out epochs."""

    ratios: NDArray[np.float64]
    spelled: dict[int, str]
    n_sensors: int


def _tested(shared: _Shared, item: tuple[str, Fold]) -> _Tested:
    """Train on one fold, and test it."""
    recorded, method, config, spells = shared
    name, (train, test) = item
    try:
        # Nothing stops early here, and a threshold takes longer than the fit.
        fitted = method.fit(recorded, train, config, stopping=False)
    except RecordingError as error:
        raise RecordingError(f"{name}: {error}") from None
    tested = recorded.made_with(fitted.preprocessing)[test]
    ratios = fitted.ratios(tested)
    spelled = spell(tested, ratios, fitted.evidence) if spells else {}
    return _Tested(ratios, spelled, len(fitted.preprocessing.ch_names))


def _outcome(
    epochs: EpochSet, folds: Sequence[Fold], tested: Sequence[_Tested], split: str
) -> Outcome:
    """Return the figures of held-out evidence."""
    ratios = np.full(len(epochs), np.nan)
    spelled: dict[int, str] = {}
    for (_, rows), one in zip(folds, tested, strict=True):
        ratios[rows] = one.ratios
        spelled |= one.spelled
    seen = np.isfinite(ratios)
    y, ratios = epochs.y[seen], ratios[seen]
    right = sum(symbol == epochs.letters[number].truth for number, symbol in spelled.items())
    return Outcome(
        auc=auc(y, ratios),
        auc_ci=cluster_bootstrap_auc(y, ratios, units(epochs)[seen]),
        split=split,
        n_folds=len(folds),
        letters=len(spelled),
        letters_right=right,
        letters_ci=proportion_interval(right, len(spelled)),
        spelled="".join(symbol for _, symbol in sorted(spelled.items())),
        sensors=tuple(one.n_sensors for one in tested),
        n_epochs=len(epochs),
        n_targets=int(epochs.y.sum()),
        held_out=_histograms(y, ratios),
    )


def _histograms(y: NDArray[np.bool_], ratios: NDArray[np.float64]) -> HeldOut:
    edges = np.histogram_bin_edges(ratios, N_BINS)
    other, target = (np.histogram(ratios[rows], edges)[0].tolist() for rows in (~y, y))
    return HeldOut(edges=tuple(edges.tolist()), target=tuple(target), nontarget=tuple(other))
