"""Fitted pipelines of others, as decoders: scikit-learn, pyriemann and MNE go live without them.

A pipeline is examined from outside. If its scores are an affine function of the epochs, it is a
linear decoder, whatever its steps are. The only other known steps are those that make covariances;
the steps after them must be affine again. The decoder is compared with the pipeline before it is
returned.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader
from bci_online.decoding.covariance import covariance_features
from bci_online.decoding.decoder_file import make_decoder
from bci_online.decoding.spatial import log_power
from bci_online.errors import BciError
from calibration.affine_maps import affine_map, scores_agree
from calibration.given_epochs import check_epochs

__all__ = ["to_decoder"]

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

N_LINEAR = 2
FEWEST = 10
ESTIMATORS = ("scm", "cov", "oas", "lwf")
UNKNOWN = (
    "is not linear, and none of the steps that a decoder knows: pyriemann's Xdawn, Covariances, "
    "XdawnCovariances, ERPCovariances, TangentSpace, CSP, and MNE's CSP"
)


def to_decoder(pipeline: Any, X: Floats, header: DecoderHeader) -> tuple[DecoderHeader, Arrays]:
    """Return a fitted pipeline as the header and arrays of a decoder.

    Parameters
    ----------
    pipeline : estimator
        Fitted on epochs (n_epochs, n_channels, n_times), with ``decision_function``. Either its
        scores are linear in the epochs, or its first steps are pyriemann's ``Xdawn``,
        ``Covariances``, ``XdawnCovariances`` or ``ERPCovariances`` and then ``TangentSpace`` or
        ``CSP``, or MNE's ``CSP``, with linear steps after them.
    X : ndarray, shape (n_epochs, n_channels, n_times)
        Ten epochs or more, such as those it was fitted on, to compare the decoder on.
    header : DecoderHeader
        All that a pipeline does not know: preprocessing, classes, layout, evidence of its scores.
        ``kind`` and ``covariance`` are filled in.

    Returns
    -------
    header : DecoderHeader
        The given one, with ``kind`` and ``covariance``.
    arrays : dict of str to ndarray
        As `write_decoder` takes them. The decoder's scores are the pipeline's to a millionth of
        their spread; for two classes they are (0, score).

    Raises
    ------
    BciError
        If a step cannot go live, with its name; or X is not what the header says, is not finite, or
        holds one epoch again and again.

    See Also
    --------
    bci_online.decoding.decoder_file.write_decoder : Writes the file.
    calibration.p300.evidence.densities : The evidence of held-out scores.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import FunctionTransformer, StandardScaler
    >>> from bci_online.config import DecoderHeader, EpochSpec, Preprocessing
    >>> from bci_online.decoding.decoder_file import make_decoder
    >>> from calibration import to_decoder
    >>> X, y = np.random.default_rng(0).normal(size=(60, 2, 3)), np.arange(60) % 2
    >>> flat = FunctionTransformer(lambda X: X.reshape(len(X), -1))
    >>> pipeline = make_pipeline(flat, StandardScaler(), LinearDiscriminantAnalysis()).fit(X, y)
    >>> own = Preprocessing(
    ...     ch_names=("Cz", "Pz"), sfreq=250.0, epoch=EpochSpec(tmax=0.2, step=0.1)
    ... )
    >>> made = to_decoder(pipeline, X, DecoderHeader(method="mine", preprocessing=own))
    >>> score = make_decoder(*made).score(X[0])[1]
    >>> bool(np.isclose(score, pipeline.decision_function(X[:1])[0]))
    True
    """
    X = _epochs(X)
    pipeline = getattr(pipeline, "best_estimator_", pipeline)
    shape = len(header.preprocessing.row_names), header.preprocessing.n_epoch
    if X.ndim != 3 or X.shape[1:] != shape or len(X) < FEWEST:
        raise BciError(
            f"X must be {FEWEST} epochs or more of shape {shape}, as the header's preprocessing "
            f"makes them, got {X.shape}"
        )
    steps = _steps(pipeline)
    last_name, last = steps[-1] if steps else ("pipeline", pipeline)
    if isinstance(last, type) or not hasattr(last, "decision_function"):
        raise BciError(f"{last_name} ({type(last).__name__}): has no decision_function")
    _check_classes(pipeline, header)
    wanted = _values(_scored(pipeline, X), header)
    made = _linear(pipeline, X, header) or _of_known_steps(steps, X, header)
    decoder = make_decoder(*made)
    found = np.stack([decoder.score(epoch) for epoch in X])
    if not scores_agree(found, wanted):
        raise BciError(
            f"{type(pipeline).__name__}: its scores and those of the decoder differ by up to "
            f"{np.abs(found - wanted).max():.2g}; a step does more than its parameters say"
        )
    return made


def _epochs(X: Any) -> Floats:
    """Return finite epochs, which differ."""
    try:
        values = check_epochs(X)
    except (TypeError, ValueError) as error:
        raise BciError(str(error)) from None
    if not np.ptp(values, axis=0).any():
        raise BciError(
            "X must be epochs that differ, such as those the pipeline was fitted on: the decoder "
            "is compared with it on them"
        )
    return values


def _scored(pipeline: Any, X: Floats) -> Floats:
    """Return a pipeline's scores of X."""
    try:
        return np.asarray(pipeline.decision_function(X), dtype=np.float64)
    except (ValueError, np.linalg.LinAlgError) as error:
        text = " ".join(str(error).split())
        raise BciError(f"{type(pipeline).__name__}: cannot score X: {text}") from None


def _steps(pipeline: Any) -> list[tuple[str, Any]]:
    """Return the steps, also those of pipelines within it."""
    found: list[tuple[str, Any]] = []
    for name, step in getattr(pipeline, "steps", [(type(pipeline).__name__.lower(), pipeline)]):
        if step not in (None, "passthrough"):
            found += _steps(step) if hasattr(step, "steps") else [(name, step)]
    return found


def _check_classes(pipeline: Any, header: DecoderHeader) -> None:
    """Refuse classes of other names: scikit-learn sorts them, and a score may mean the other."""
    classes = np.asarray(getattr(pipeline, "classes_", ())).tolist()
    # Not by their type: names of a data frame are objects.
    if any(isinstance(one, str) for one in classes) and tuple(classes) != header.classes:
        raise BciError(
            f"the pipeline's classes are {', '.join(map(str, classes))}, in this order; the "
            f"header's must be the same, got {', '.join(header.classes)}"
        )


def _values(scores: Floats, header: DecoderHeader) -> Floats:
    """Return scores (n,) or (n, n_classes) as a decoder gives them (n, n_values)."""
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim == 1:
        values = np.stack([np.zeros_like(values), values], axis=1)
    if values.shape[1] != header.n_values:
        raise BciError(
            f"the pipeline scores {values.shape[1]} classes, the header names {header.n_values}: "
            f"{', '.join(header.classes)}"
        )
    return values


def _linear(pipeline: Any, X: Floats, header: DecoderHeader) -> tuple[DecoderHeader, Arrays] | None:
    """Return the linear decoder of a pipeline of two classes; None if it is not linear."""
    try:
        found = affine_map(lambda X: _values(pipeline.decision_function(X), header), X)
    except (ValueError, np.linalg.LinAlgError):
        # A step after covariances, say, which refuses what is no signal.
        return None
    if found is None:
        return None
    if header.n_values != N_LINEAR:
        raise BciError(
            f"the pipeline is linear in the epochs: classes must be two, got {header.n_values}"
        )
    arrays = {
        "coef": found.coef[1].reshape(X.shape[1:]),
        "center": found.center,
        "scale": np.ones(X.shape[1]),
        "intercept": found.offset[1:],
    }
    return msgspec.structs.replace(header, kind="linear"), arrays


def _of_known_steps(
    steps: Sequence[tuple[str, Any]], X: Floats, header: DecoderHeader
) -> tuple[DecoderHeader, Arrays]:
    """Return the decoder of steps that make covariances; refuse the first that cannot go live."""
    left = list(steps)
    arrays: Arrays = {"filters": np.eye(X.shape[1])}
    estimator: Any = ""
    name, step = left.pop(0)
    if _is(step, "mne", "CSP"):
        _refuse_unless(step.transform_into == "average_power", name, step, "transform_into")
        _refuse_unless(step.log in (None, True), name, step, "log")
        arrays["filters"] = np.asarray(step.filters_[: step.n_components])[np.newaxis]
        features = np.stack([log_power(arrays["filters"], epoch) for epoch in X])
        return _weighted(left, features, arrays, msgspec.structs.replace(header, kind="spatial"))
    if _is(step, "pyriemann", "Xdawn"):
        arrays["filters"] = np.asarray(step.filters_)
        name, step = left.pop(0)
    if _is(step, "pyriemann", "Covariances", "ERPCovariances", "XdawnCovariances"):
        estimator = step.estimator
        _refuse_unless(estimator in ESTIMATORS and not step.kwds, name, step, "estimator")
        if hasattr(step, "P_"):
            arrays["prototypes"] = np.asarray(step.P_)
        if getattr(step, "applyfilters", False):
            arrays["filters"] = np.asarray(step.Xd_.filters_) @ arrays["filters"]
        name, step = left.pop(0)
    if not estimator:
        name, step = _first_crooked(steps, X)
        raise BciError(f"{name} ({type(step).__name__}): {UNKNOWN}")
    if _is(step, "pyriemann", "TangentSpace"):
        _refuse_unless(step.metric == "riemann" and not step.tsupdate, name, step, "metric")
        values, vectors = np.linalg.eigh(step.reference_)
        arrays["whitening"] = (vectors / np.sqrt(values)) @ vectors.T
    elif _is(step, "pyriemann", "CSP"):
        _refuse_unless(bool(step.log), name, step, "log")
        arrays["projection"] = np.asarray(step.filters_)
    else:
        raise BciError(f"{name} ({type(step).__name__}): {UNKNOWN}")
    features = np.stack([covariance_features(epoch, estimator, arrays) for epoch in X])
    own = msgspec.structs.replace(header, kind="covariance", covariance=estimator)
    return _weighted(left, features, arrays, own)


def _is(step: Any, package: str, *names: str) -> bool:
    return type(step).__module__.split(".")[0] == package and type(step).__name__ in names


def _refuse_unless(usable: bool, name: str, step: Any, parameter: str) -> None:
    if not usable:
        value = getattr(step, parameter)
        raise BciError(f"{name} ({type(step).__name__}): its {parameter} {value!r} cannot go live")


def _weighted(
    left: Sequence[tuple[str, Any]], features: Floats, arrays: Arrays, header: DecoderHeader
) -> tuple[DecoderHeader, Arrays]:
    """Return the decoder whose last steps weight these features (n_epochs, n_features)."""

    def rest(values: Floats) -> Floats:
        for _, step in left[:-1]:
            values = step.transform(values)
        return _values(left[-1][1].decision_function(values), header)

    found = affine_map(rest, features)
    if found is None:
        name, step = _first_crooked(left, features)
        raise BciError(f"{name} ({type(step).__name__}): is not linear in what comes before it")
    weights = {"coef": found.coef, "intercept": found.offset - found.coef @ found.center}
    return header, arrays | weights


def _first_crooked(left: Sequence[tuple[str, Any]], features: Floats) -> tuple[str, Any]:
    """Return the first step that is not affine; the last one if it is none of the others."""
    for name, step in left[:-1]:
        if affine_map(step.transform, features) is None:
            return name, step
        features = step.transform(features)
    return left[-1]
