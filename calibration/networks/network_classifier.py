"""`NetworkClassifier`: a network and a weighting of its losses, as a scikit-learn classifier."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, check_random_state, validate_data

from bci_online.config import DecoderHeader
from bci_online.decoding.network.epochs import standardise
from calibration.given_epochs import check_epochs
from calibration.networks.checked_inputs import checked_epochs
from calibration.networks.decoder_parts import decoder_parts
from calibration.networks.history import EpochRecord
from calibration.networks.network_start import NetworkStart
from calibration.networks.one_training import banded, train_network
from calibration.networks.shown import shown_on
from calibration.networks.torch_runs import logits_of, seeded
from calibration.networks.validation_split import validation_rows

__all__ = ["NetworkClassifier"]


class NetworkClassifier(ClassifierMixin, BaseEstimator):
    """A network that is trained for several losses, whose weights need no tuning.

    Parameters
    ----------
    network : {"min2net", "fbmsnet", "eegnet"} or callable, default "min2net"
        "eegnet" has one loss: there is nothing to weigh. Or a class of modules of your own (or a
        function that makes one, or its MODULE:NAME), called as
        `bci_online.decoding.network.own_network.own` says; a model of braindecode is one.
    loss_weighting : str, default "alphagrad"
        "alphagrad", "adamt", "gradapprox", "fixed"; "uw" and "dwa" through torchjd.
    loss_weights : sequence of float, optional
        At the start, in the order of the losses (MIN2Net: triplet, reconstruction, classification;
        FBMSNet: centre, classification). By default 1 each; for "fixed" the networks' own papers'
        (0.5, 0.5, 1) and (0.0005, 1).
    step : float, default 0.01
        AlphaGrad's α. What matters is ``step`` times the number of batches.
    shared_layer : bool, optional
        Whether FBMSNet has the linear layer of 1152 x 1152 that adaptive weightings need; by
        default only for those. To compare weightings set it to True for all.
    batch_size : int, default 10
        The papers take 10 within a subject and 100 across subjects.
    max_epochs, patience : int, default 100 and 20
        Passes over the data, and the number of passes without a lower loss that ends the training.
    min_epochs : int, default 1
        Passes that are made in any case.
    learning_rate : float, default 1e-3
        Adam's; halved after 5 epochs without a lower loss, down to 1e-4.
    validation_fraction : float, default 0.2
        Of the epochs (of the groups, where given); 0: training's own losses are watched.
    monitor : {"classification", "weighted", "val_acc"}, default "classification"
        What decides which epoch is best: the last validation loss, unweighted; the sum with the
        current weights, which falls also where weight goes to a loss that is small; or, as
        published, the validation accuracy.
    class_weight : {"balanced"}, dict or None
        Of the classification loss.
    undersample : bool, default False
        In every pass draw as many epochs of each class as the rarest has (targets are one in six).
    learn_centres : bool, default True
        Let FBMSNet's class centres follow the features.
    official_softmax : bool, default False
        MIN2Net with the published port's softmax taken twice.
    subsampling, variant : int, optional; {"own", "alphagrad"}, default "own"
        Of MIN2Net and of EEGNet; see `NetworkSpec`.
    scaling : {"channel", "microvolts", "global"}, optional
        What epochs are divided by: the spread of each channel, nothing (X is in microvolts, as in
        the papers), or one number that brings all channels together to a spread of 10, as if in
        microvolts. By default "global" for MIN2Net with "alphagrad", else "channel".
    sfreq : float, default 100.0
        Rate of X in Hz.
    start : NetworkStart, optional
        A trained network to go on from, instead of drawn weights; X must have its shape. It is
        divided as ``scaling`` says, by default in the network's way, with the numbers of this X.
    tune : {"all", "head"}, default "all"
        What learns after such a start: every layer, or the last one alone, for one loss.
    device, threads : str and int, default "cpu" and 1
        "cpu", "cuda", "cuda:1", "mps"; a fitted network is always back on the CPU. With several
        threads of the CPU two trainings may differ in the last bits.
    precision : {"float32", "bfloat16"}, default "float32"
        What the layers compute in while they learn; losses, their weights, validation and the
        fitted network are in single precision anyhow.
    checkpoint : path-like, optional
        A file that is written every few seconds, and gone at the end. A training that was killed
        goes on from it if data and parameters are the same, and on one thread of the CPU ends as
        it would have, to the last bit.
    random_state : int, RandomState or None, default None
        With an int two trainings on one thread end equal to the last bit.
    progress : callable, optional
        Called with an `EpochRecord` after each pass: ``print`` will do. True ends the training.
    callbacks : sequence of object, default ()
        With some of the methods that `calibration.networks.callbacks.Called` calls.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
    network_ : torch.nn.Module
    spec_ : NetworkSpec
    center_, scale_ : ndarray, shape (n_channels,) or (n_bands, n_channels)
        As ``scaling`` says, of the training epochs; those for validation took no part.
    loss_weights_ : ndarray, shape (T,)
        Of the epoch that was kept.
    history_ : History

    See Also
    --------
    calibration.networks.weighting_rules.alphagrad_weights : The rule of "alphagrad".
    calibration.sparse.estimators.group_svm.GroupSVM : A linear classifier of few sensors.

    Notes
    -----
    A 3-D X for FBMSNet is filtered epoch by epoch, by the causal filter bank. It is better to
    filter the running signal before it is cut, and to give X with a band axis, as it is online.

    References
    ----------
    Chaisaen et al. (2025), IEEE JBHI, doi 10.1109/JBHI.2025.3572197 (AlphaGrad); Autthasan et al.
    (2022), IEEE TBME 69(6):2105 (MIN2Net).

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import NetworkClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(40, 4, 100))  # epochs, channels, times: one second at 100 Hz
    >>> y = np.repeat(["left_hand", "right_hand"], 20)
    >>> model = NetworkClassifier("eegnet", max_epochs=2, random_state=0).fit(X, y)
    >>> model.predict_proba(X).shape
    (40, 2)
    >>> len(model.history_.epochs)
    2
    """

    def __init__(
        self,
        network: Any = "min2net",
        loss_weighting: str = "alphagrad",
        loss_weights: Any = None,
        step: float = 0.01,
        *,
        shared_layer: bool | None = None,
        batch_size: int = 10,
        max_epochs: int = 100,
        patience: int = 20,
        min_epochs: int = 1,
        learning_rate: float = 1e-3,
        validation_fraction: float = 0.2,
        monitor: str = "classification",
        class_weight: Any = None,
        undersample: bool = False,
        learn_centres: bool = True,
        official_softmax: bool = False,
        subsampling: int | None = None,
        variant: str = "own",
        scaling: str | None = None,
        start: NetworkStart | None = None,
        tune: str = "all",
        sfreq: float = 100.0,
        device: str = "cpu",
        threads: int = 1,
        precision: str = "float32",
        checkpoint: Any = None,
        random_state: Any = None,
        progress: Callable[[EpochRecord], object] | None = None,
        callbacks: Sequence[Any] = (),
    ) -> None:
        self.network = network
        self.loss_weighting = loss_weighting
        self.loss_weights = loss_weights
        self.step = step
        self.shared_layer = shared_layer
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.patience = patience
        self.min_epochs = min_epochs
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.monitor = monitor
        self.class_weight = class_weight
        self.undersample = undersample
        self.learn_centres = learn_centres
        self.official_softmax = official_softmax
        self.subsampling = subsampling
        self.variant = variant
        self.scaling = scaling
        self.start = start
        self.tune = tune
        self.sfreq = sfreq
        self.device = device
        self.threads = threads
        self.precision = precision
        self.checkpoint = checkpoint
        self.random_state = random_state
        self.progress = progress
        self.callbacks = callbacks

    def fit(self, X: Any, y: Any, groups: Any = None, validation: Any = None) -> Self:
        """Learn from labelled epochs.

        Parameters
        ----------
        X : array-like, shape (n_epochs, n_channels, n_times)
            Or (n_epochs, 9, n_channels, n_times) for FBMSNet.
        y : array-like, shape (n_epochs,)
            Two labels or more.
        groups : array-like, shape (n_epochs,), optional
            Epochs of one group (windows of one trial) are never on both sides of the validation
            split.
        validation : array-like of bool, shape (n_epochs,), optional
            Which epochs to validate on, instead of a drawn ``validation_fraction``.

        Returns
        -------
        self : NetworkClassifier

        Raises
        ------
        ValueError
            If a parameter, a shape, a label or a value breaks its rule, or not one step or no
            validation loss was finite.
        """
        X, number = checked_epochs(self, X, y)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        random = np.random.default_rng(seed)
        held_out = validation_rows(self, number, groups, validation, seed)
        with seeded(seed, self.device, self.threads):
            found = train_network(self, X, number, held_out, random)
        self.epoch_shape_ = X.shape[1:]
        self.spec_, self.network_, self.history_ = found.spec, found.network, found.history
        if held_out.any():
            own = None if groups is None else np.asarray(groups)[held_out]
            shown = shown_on(found.logits, number[held_out], own)
            self.history_ = replace(self.history_, shown=shown)
        self.center_, self.scale_, self.loss_weights_ = found.center, found.scale, found.weights
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return log-odds against the first class: (n_epochs,) for two classes, else a column each.

        Raises
        ------
        NotFittedError, ValueError
            Before `fit`; if an epoch's shape is not that of the training epochs.
        """
        logits = self._logits(X)
        odds = logits - logits[:, :1]
        return odds[:, 1] if odds.shape[1] == 2 else odds

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the classes' probabilities, (n_epochs, n_classes); they are not calibrated."""
        proba: NDArray[np.float64] = softmax(self._logits(X), axis=1)
        return proba

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likeliest label of each epoch."""
        likeliest = self._logits(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[likeliest]
        return labels

    def to_decoder(self, header: DecoderHeader) -> tuple[DecoderHeader, dict[str, NDArray[Any]]]:
        """Return what a decoder file needs, for `bci_online.decoding.decoder_file.write_decoder`.

        Parameters
        ----------
        header : DecoderHeader
            All that the network does not know; its ``kind`` and ``network`` are filled in, and
            its ``classes`` where the labels are texts.

        Raises
        ------
        NotFittedError, ValueError
            Before `fit`; if the header is for another number of classes.
        """
        check_is_fitted(self)
        return decoder_parts(self, header)

    def _logits(self, X: Any) -> NDArray[np.float64]:
        check_is_fitted(self)
        check_epochs(X)
        X = validate_data(self, X, reset=False, allow_nd=True, dtype=np.float64)
        if X.shape[1:] != self.epoch_shape_:
            raise ValueError(
                f"X must hold epochs of shape {self.epoch_shape_} as in fit, got {X.shape[1:]}"
            )
        epochs = standardise(banded(self, self.spec_, X), self.center_, self.scale_)
        return logits_of(self.network_, epochs)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
