"""Honest figures: everything redone in each outer fold, intervals over whole letters or runs."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from bci_online.config import Config, HeldOut
from bci_online.errors import RecordingError
from bci_online.metrics import auc, cluster_bootstrap_auc, proportion_interval
from bci_online.paradigms.p300.decision import LetterEvidence
from calibration.folds import outer_folds, units
from calibration.network_methods import NetworkMethod
from calibration.p300.epochs import EpochSet
from calibration.p300.fitting import Fitted, Number, Pick, fit_decoder, purge_seconds
from calibration.p300.pooling import PoolSource

__all__ = ["Outcome", "evaluate", "spell"]

N_BINS = 40


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What held-out data say of a method.

    ``split`` is how the folds were made: run, letter or block. ``letters_right`` of ``letters``
    were spelled with all repetitions; ``sensors`` counts the chosen ones in each fold.
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
    pick: Pick,
    method: str | NetworkMethod,
    config: Config,
    refit: bool = True,
    progress: Callable[[int, int], None] = lambda done, of: None,
    *,
    sensors: Number | None = None,
    preferred: tuple[str, ...] = (),
    sources: Sequence[PoolSource] = (),
) -> Outcome:
    """Train and test a method on splits by run or letter.

    Parameters
    ----------
    pick, method, config, refit, sensors, preferred, sources
        As for `fit_decoder`, which is called anew in every fold.
    progress : callable
        Told how many folds are done, and of how many.

    Raises
    ------
    RecordingError
        If a fold cannot be trained on.
    """
    epochs = pick(())
    split, folds = outer_folds(epochs, purge_seconds(epochs.preprocessing))
    ratios = np.full(len(epochs), np.nan)
    counts = []
    spelled: dict[int, str] = {}
    for done, (train, test) in enumerate(folds):
        progress(done, len(folds))
        try:
            fitted = fit_decoder(
                pick,
                train,
                method,
                config,
                refit,
                sensors=sensors,
                preferred=preferred,
                sources=sources,
            )
        except RecordingError as error:
            raise RecordingError(f"fold {done + 1} of {len(folds)} by {split}: {error}") from None
        counts.append(len(fitted.preprocessing.ch_names))
        tested = pick(fitted.preprocessing.ch_names)[test]
        ratios[test] = fitted.ratios(tested)
        if split != "block":
            # A block may hold a part of a letter only.
            spelled |= spell(tested, ratios[test], fitted)
    progress(len(folds), len(folds))
    seen = np.isfinite(ratios)
    right = sum(symbol == epochs.letters[number].truth for number, symbol in spelled.items())
    return Outcome(
        auc=auc(epochs.y[seen], ratios[seen]),
        auc_ci=cluster_bootstrap_auc(epochs.y[seen], ratios[seen], units(epochs)[seen]),
        split=split,
        n_folds=len(folds),
        letters=len(spelled),
        letters_right=right,
        letters_ci=proportion_interval(right, len(spelled)),
        spelled="".join(symbol for _, symbol in sorted(spelled.items())),
        sensors=tuple(counts),
        n_epochs=len(epochs),
        n_targets=int(epochs.y.sum()),
        held_out=_counted(epochs.y[seen], ratios[seen]),
    )


def _counted(y: np.ndarray, ratios: np.ndarray) -> HeldOut:
    """Return how held-out evidence is spread over both classes."""
    edges = np.histogram_bin_edges(ratios, N_BINS)
    other, target = (np.histogram(ratios[rows], edges)[0].tolist() for rows in (~y, y))
    return HeldOut(edges=tuple(edges.tolist()), target=tuple(target), nontarget=tuple(other))


def spell(epochs: EpochSet, ratios: np.ndarray, fitted: Fitted) -> dict[int, str]:
    """Return the likeliest symbol of each letter of known truth, given all its flashes."""
    spelled = {}
    for number, letter in enumerate(epochs.letters):
        evidence = LetterEvidence(letter.symbols_of_code, fitted.evidence.temperature)
        if letter.truth not in evidence.symbols:
            continue
        for row in np.flatnonzero(epochs.letter == number):
            if evidence.knows(int(epochs.code[row])):
                evidence.add(int(epochs.code[row]), float(ratios[row]))
        if evidence.n_flashes:
            spelled[number] = evidence.symbols[int(np.argmax(evidence.posterior()))]
    return spelled
