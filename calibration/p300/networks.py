"""A network of flashes: weights, evidence of held-out scores, limits."""

from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import (
    Config,
    DecoderHeader,
    Evidence,
    LearningCurve,
    NetworkSpec,
    Preprocessing,
)
from bci_online.errors import BciError
from bci_online.paradigms.p300.decision import log_likelihood_ratio
from bci_online.preprocessing.artefacts import artefacts
from calibration.networks.history import learning_curve
from calibration.networks.network_classifier import NetworkClassifier
from calibration.p300.epochs import EpochSet
from calibration.p300.evidence import ScoredLetter, fit_evidence, scored_letters
from calibration.p300.fitting import clean, purge_seconds, training_folds
from calibration.p300.methods import Choice

if TYPE_CHECKING:
    from calibration.network_methods import NetworkMethod

__all__ = ["FittedNetwork", "fit_network"]

BATCH_SIZE = 64
"""Ten flashes, as the papers take trials, would hold one or two targets."""

FEWEST_GROUPS = 5


class FittedNetwork(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """What training finds; as `FittedDecoder`, with a network in place of weights per sensor."""

    preprocessing: Preprocessing
    classifier: NetworkClassifier
    network: NetworkSpec
    limits: NDArray[np.float64] | None
    band_rms: NDArray[np.float64]
    evidence: Evidence
    letters: tuple[ScoredLetter, ...]
    choice: Choice
    notes: tuple[str, ...] = ()
    kind: Literal["network"] = "network"

    @property
    def learning(self) -> LearningCurve:
        """How the network was trained."""
        return learning_curve(self.classifier.history_)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what the decoder file holds."""
        header = DecoderHeader(method="network", preprocessing=self.preprocessing)
        arrays = self.classifier.to_decoder(header)[1] | {"band_rms": self.band_rms}
        return arrays if self.limits is None else arrays | {"limits": self.limits}

    def ratios(self, epochs: EpochSet) -> NDArray[np.float64]:
        """Return each epoch's evidence for a target (n_epochs,); 0 where it is an artefact."""
        ratios = log_likelihood_ratio(self.classifier.decision_function(epochs.X), self.evidence)
        ratios[artefacts(epochs.peak_to_peak, self.limits)] = 0.0
        return ratios


def fit_network(
    method: "NetworkMethod", everything: EpochSet, rows: NDArray[np.int64], config: Config
) -> FittedNetwork:
    """Train a network on flashes, and its evidence on held-out scores.

    Parameters
    ----------
    method : NetworkMethod
    everything : EpochSet
        Of all sensors.
    rows : ndarray of int
        The epochs to learn from; the others are not looked at.
    config : Config
        Artefact limit, stopping rule.

    Raises
    ------
    BciError
        If there are too few epochs, or latencies, for the network.

    Notes
    -----
    Held-out scores are standardised by their own fold's training scores and brought to the scale of
    the final network's: networks of different folds are differently sure.
    """
    epochs, limits = clean(everything[rows], config.artefacts.k)
    held_out = np.full(len(epochs), np.nan)
    for train, test in training_folds(epochs, purge_seconds(epochs.preprocessing)):
        fold = _fitted(method, epochs[train])
        known = fold.decision_function(epochs.X[train])
        scores = fold.decision_function(epochs.X[test])
        held_out[test] = (scores - known.mean()) / max(known.std(), 1e-9)
    final = _fitted(method, epochs)
    known = final.decision_function(epochs.X)
    held_out = known.mean() + max(known.std(), 1e-9) * held_out
    seen = np.isfinite(held_out)
    letters = scored_letters(epochs, held_out)
    return FittedNetwork(
        preprocessing=epochs.preprocessing,
        classifier=final,
        network=final.spec_,
        limits=limits,
        band_rms=np.sqrt(np.mean(epochs.X**2, axis=(0, 2))),
        evidence=fit_evidence(held_out[seen], epochs.y[seen], letters, config.stopping),
        letters=tuple(letters),
        choice=Choice(sensors=epochs.preprocessing.ch_names),
    )


def _fitted(method: "NetworkMethod", epochs: EpochSet) -> NetworkClassifier:
    """Train on epochs; whole letters, or stretches of time, are held out to validate on."""
    model = NetworkClassifier(
        sfreq=1 / epochs.preprocessing.epoch.step,
        batch_size=BATCH_SIZE,
        class_weight="balanced",
        **method.parameters(),
    )
    groups = epochs.letter
    if np.unique(groups).size < FEWEST_GROUPS:
        # Neighbours in time see the same drifts: never flash by flash.
        groups = np.arange(len(epochs)) * 2 * FEWEST_GROUPS // len(epochs)
    try:
        model.fit(epochs.X, epochs.y, groups)
    # RuntimeError is torch's word for a GPU without memory.
    except (ValueError, RuntimeError) as error:
        raise BciError(f"{method.network}: {error}") from None
    if method.trained is not None:
        method.trained(model.history_)
    return model
