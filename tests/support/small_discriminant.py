"""A small linear discriminant, and epochs of its subject."""

import numpy as np

from bci_online.config import DecoderHeader, EpochSpec, Preprocessing
from bci_online.covariances import lag_covariances
from bci_online.decoding.class_statistics import ClassStatistics
from bci_online.decoding.decoder_file import make_decoder

OWN = Preprocessing(
    ch_names=("Cz", "Pz", "Oz"), sfreq=100.0, epoch=EpochSpec(tmin=0.0, tmax=0.6, step=0.2)
)
N_TIMES = OWN.n_epoch


def epochs(seed: int, n: int = 600, response: float = 1.0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 6 == 0
    X = 3.0 * rng.normal(size=(n, 3, N_TIMES))
    X[y, :2] += response * np.hanning(N_TIMES)
    return X, y


def trained(seed: int = 0, scale: float = 2.5):
    """Return a decoder of an exact discriminant, whose scores are `scale` times its log odds."""
    X, y = epochs(seed)
    means = np.stack([X[~y].mean(axis=0), X[y].mean(axis=0)])
    lags = lag_covariances(X - means[y.astype(int)])
    coef = scale * ClassStatistics(means, lags).weights()
    arrays = {
        "coef": coef, "center": np.zeros((3, N_TIMES)), "scale": np.ones(3),
        "intercept": np.array([0.7]), "class_means": means, "lags": lags,
    }  # fmt: skip
    return make_decoder(DecoderHeader(method="lda", preprocessing=OWN), arrays)
