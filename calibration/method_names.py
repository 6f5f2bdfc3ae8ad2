"""The names of methods, networks and loss weightings, as they are typed.

It imports nothing: commands need the names for their help. Each name is made into a method where
its estimators are: `calibration.p300.estimators`, `calibration.motor_imagery.methods` or
`calibration.networks.network_training`.
"""

from typing import Final, Literal, get_args

__all__ = [
    "AUTO",
    "EVERY_SENSOR",
    "FLASH_NETWORKS",
    "IMAGERY",
    "LINEAR",
    "NETWORKS",
    "POOLED",
    "POOLED_FIRST",
    "PRECISIONS",
    "REFITS",
    "SCALINGS",
    "TUNES",
    "WEIGHTINGS",
    "MethodName",
    "NetworkName",
    "PrecisionName",
    "RefitName",
    "ScalingName",
    "TuneName",
    "WeightingName",
]

DiscriminantName = Literal["lda", "btlda", "xdawn-lda", "xdawn-bt", "xdawn"]
LinearName = Literal[DiscriminantName, "svm", "svm-1", "gsvm-2", "gsvm-q", "gsvm-a", "gsvm-time"]
ImageryName = Literal["csp-lda", "fbcsp", "mdm", "ts"]
NetworkName = Literal["min2net", "fbmsnet", "eegnet"]
PooledName = Literal["lda", "svm", "mgsvm-2", "mgsvm-2s", "asymmetric"]

MethodName = Literal["auto", LinearName, ImageryName, NetworkName, PooledName]
"""How weights and sensors are found; auto chooses one of the linear methods."""

RefitName = Literal["lda", "btlda", "none"]
"""What gives the weights of a sparse method on the sensors that it chose; none: it does itself."""

WeightingName = Literal["alphagrad", "adamt", "gradapprox", "fixed", "uw", "dwa"]
"""How much each loss of a network counts."""

ScalingName = Literal["channel", "microvolts", "global"]
"""What a network's input is divided by: each channel's spread, nothing, one number for all."""

TuneName = Literal["all", "head"]
"""What of a network goes on learning: all of it, or its last layer."""

PrecisionName = Literal["float32", "bfloat16"]
"""What the layers of a network compute in while they learn."""

AUTO = "auto"
"""Flashes of one subject: the training chooses one of the linear methods."""

LINEAR: tuple[str, ...] = get_args(LinearName)
"""Flashes of one subject."""

POOLED: tuple[str, ...] = get_args(PooledName)
"""Flashes of one subject, learnt together with other subjects."""

POOLED_FIRST: Final = "mgsvm-2s"
"""The one of them to try first: docs/pooling.md."""

EVERY_SENSOR = (*get_args(DiscriminantName), "svm")
"""Of both: those that choose no sensors."""

IMAGERY: tuple[str, ...] = get_args(ImageryName)
"""Motor imagery."""

NETWORKS: tuple[str, ...] = get_args(NetworkName)
"""Networks for motor imagery; min2net and eegnet are for flashes, too."""

REFITS: tuple[str, ...] = get_args(RefitName)
"""The first one is the default."""

FLASH_NETWORKS = ("eegnet", "min2net")
"""Those of them that are for flashes."""

WEIGHTINGS: tuple[str, ...] = get_args(WeightingName)

SCALINGS: tuple[str, ...] = get_args(ScalingName)

TUNES: tuple[str, ...] = get_args(TuneName)

PRECISIONS: tuple[str, ...] = get_args(PrecisionName)
