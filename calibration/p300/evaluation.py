"""Figures of held-out flashes: everything is redone in each outer fold."""

from collections.abc import Callable, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, HeldOut
from bci_online.errors import RecordingError
from bci_online.metrics import auc, proportion_interval
from bci_online.paradigms.p300.decision import LetterEvidence
from calibration.bootstrap import cluster_bootstrap_auc
from calibration.folds import outer_folds, units
from calibration.p300.epochs import EpochSet
from calibration.p300.fitted import Fitted
from calibration.p300.methods import FlashMethod
from calibration.p300.recorded_epochs import RecordedEpochs
from calibration.p300.training_epochs import purge_seconds

__all__ = ["Outcome", "evaluate", "spell"]

N_BINS = 40


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
    epochs = recorded.all()
    split, folds = outer_folds(epochs, purge_seconds(epochs.preprocessing))
    ratios = np.full(len(epochs), np.nan)
    counts = []
    spelled: dict[int, str] = {}
    for done, (train, test) in enumerate(folds):
        progress(done, len(folds))
        try:
            fitted = method.fit(recorded, train, config)
        except RecordingError as error:
            raise RecordingError(f"fold {done + 1} of {len(folds)} by {split}: {error}") from None
        counts.append(len(fitted.preprocessing.ch_names))
        tested = recorded.made_with(fitted.preprocessing)[test]
        ratios[test] = fitted.ratios(tested)
        if split != "block":
            # A block may hold only a part of a letter.
            spelled |= spell(tested, ratios[test], fitted)
    progress(len(folds), len(folds))
    return _outcome(epochs, ratios, spelled, split, tuple(counts))


def _outcome(
    epochs: EpochSet,
    ratios: NDArray[np.float64],
    spelled: Mapping[int, str],
    split: str,
    sensors: tuple[int, ...],
) -> Outcome:
    """Return the figures of held-out evidence (n_epochs,); NaN where nothing tested an epoch."""
    seen = np.isfinite(ratios)
    y, ratios = epochs.y[seen], ratios[seen]
    right = sum(symbol == epochs.letters[number].truth for number, symbol in spelled.items())
    return Outcome(
        auc=auc(y, ratios),
        auc_ci=cluster_bootstrap_auc(y, ratios, units(epochs)[seen]),
        split=split,
        n_folds=len(sensors),
        letters=len(spelled),
        letters_right=right,
        letters_ci=proportion_interval(right, len(spelled)),
        spelled="".join(symbol for _, symbol in sorted(spelled.items())),
        sensors=sensors,
        n_epochs=len(epochs),
        n_targets=int(epochs.y.sum()),
        held_out=_histograms(y, ratios),
    )


def _histograms(y: NDArray[np.bool_], ratios: NDArray[np.float64]) -> HeldOut:
    edges = np.histogram_bin_edges(ratios, N_BINS)
    other, target = (np.histogram(ratios[rows], edges)[0].tolist() for rows in (~y, y))
    return HeldOut(edges=tuple(edges.tolist()), target=tuple(target), nontarget=tuple(other))


def spell(epochs: EpochSet, ratios: NDArray[np.float64], fitted: Fitted) -> dict[int, str]:
    """Return the likeliest symbol of each letter of known truth, given all its flashes.

    Parameters
    ----------
    epochs : EpochSet
        Its letters and codes say which symbols were lit.
    ratios : ndarray, shape (n_epochs,)
        Evidence for a target.
    fitted : Fitted
        Its evidence says what the sum of the flashes is worth.

    Returns
    -------
    spelled : dict of int to str
        Symbol by number of the letter.

    See Also
    --------
    bci_online.paradigms.p300.letter_evidence.LetterEvidence : Adds up the evidence.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from bci_online.config import Evidence
    >>> from calibration.p300.epochs import Letter
    >>> epochs = SimpleNamespace(
    ...     letters=(Letter(0, "A", {1: ("A",), 2: ("B",)}),),
    ...     letter=np.zeros(2, dtype=int), code=np.array([1, 2]),
    ... )
    >>> spell(epochs, np.array([3.0, -3.0]), SimpleNamespace(evidence=Evidence()))
    {0: 'A'}
    """
    spelled = {}
    for number, letter in enumerate(epochs.letters):
        evidence = LetterEvidence(
            letter.symbols_of_code,
            fitted.evidence.temperature,
            saturation=fitted.evidence.saturation,
        )
        if letter.truth not in evidence.symbols:
            continue
        for row in np.flatnonzero(epochs.letter == number):
            if evidence.knows(int(epochs.code[row])):
                evidence.add(int(epochs.code[row]), float(ratios[row]))
        if evidence.n_flashes:
            spelled[number] = evidence.symbols[int(np.argmax(evidence.posterior()))]
    return spelled
