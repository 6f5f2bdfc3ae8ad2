"""What `bci-calibrate evaluate moabb --network …` was asked for, as one request."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from bci_online.errors import BciError
from bci_online.option_values import parse_names
from calibration.installed import check_installed
from calibration.networks.network_options import check_precision

__all__ = ["asked_networks"]


def asked_networks(
    typed: Mapping[str, Any], given: Collection[str], protocols: tuple[str, ...], is_paper: bool
) -> Any:
    """Return which weightings are compared, and how.

    Parameters
    ----------
    typed : mapping of str to object
        Every option of the command, by its name in Python.
    given : collection of str
        Those that were typed: they win over a preset.
    protocols : tuple of str
        What is tested.
    is_paper : bool
        Whether settings that were not typed are those of AlphaGrad's authors.

    Returns
    -------
    comparison : WeightingComparison
        Its strategies are the paper's, if none was typed.

    Raises
    ------
    BciError
        If PyTorch is missing, or the value of an option is not possible.

    See Also
    --------
    calibration.experiments.network_tables.evaluate_networks : Takes it.

    Examples
    --------
    >>> typed = {"network": "min2net", "max_epochs": 9, "monitor": "weighted"}
    >>> found = asked_networks(typed, {"max_epochs"}, ("subject-dependent",), is_paper=True)
    >>> found.training.max_epochs, found.training.monitor, found.training.split
    (9, 'val_acc', 'paper')
    >>> asked_networks(typed, {"fixed_centres"}, (), is_paper=False)
    Traceback (most recent call last):
    bci_online.errors.BciError: --fixed-centres: is fbmsnet's alone, not min2net's
    """
    network = typed["network"]
    check_installed("torch", "networks", f"--network {network}")
    from calibration.experiments.compared_trainings import (
        ALPHAGRAD_PAPER,
        PAPER_STRATEGIES,
        Training,
    )
    from calibration.experiments.network_tables import WeightingComparison
    from calibration.networks.network_training import LOSSES

    settings = _settings(typed)
    check_precision(settings.get("precision"), settings.get("device", ""))
    if is_paper:
        settings = {
            name: value for name, value in settings.items() if _OPTIONS.get(name, name) in given
        }
        settings = {**ALPHAGRAD_PAPER, "seed": typed.get("seed", 0), **settings}
    strategies = tuple(getattr(one, "value", one) for one in typed.get("loss_weighting") or ())
    if is_paper and not strategies and len(LOSSES[network]) > 1:
        strategies = PAPER_STRATEGIES
    training = Training(network=network, **settings)
    _check_used(training, strategies, given)
    return WeightingComparison(
        training=training,
        strategies=strategies,
        protocols=protocols,
        classes=parse_names("--classes", typed.get("classes", "")),
        keep=typed.get("keep_networks", False),
        cache=typed.get("cache"),
    )


def _check_used(training: Any, strategies: tuple[str, ...], given: Collection[str]) -> None:
    """Refuse what would be ignored."""
    of_one_network = {"subsampling": "min2net", "fixed_centres": "fbmsnet"}
    for name, network in of_one_network.items():
        if name in given and training.network != network:
            option = f"--{name.replace('_', '-')}"
            raise BciError(f"{option}: is {network}'s alone, not {training.network}'s")
    if "loss_step" in given and not {"alphagrad", "all"} & set(strategies):
        raise BciError("--loss-step: is alphagrad's alone; add --loss-weighting alphagrad")
    if "min_epochs" in given and training.min_epochs > training.max_epochs:
        raise BciError(
            f"--min-epochs {training.min_epochs}: must be at most --max-epochs, "
            f"{training.max_epochs}"
        )


_OPTIONS = {"step": "loss_step", "learn_centres": "fixed_centres"}
"""The name of a setting's option, where it is another one."""

_SETTINGS = (
    "monitor", "max_epochs", "min_epochs", "learning_rate", "loss_weights", "step", "subsampling",
    "learn_centres", "scaling", "split", "device", "threads", "seed",
    "precision",
)  # fmt: skip


def _settings(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `Training` takes of the options."""
    settings: dict[str, Any] = {}
    for name in _SETTINGS:
        option = _OPTIONS.get(name, name)
        if option in typed:
            value: Any = getattr(typed[option], "value", typed[option])
            settings[name] = not value if name == "learn_centres" else value
    if "loss_weights" in settings:
        settings["loss_weights"] = _weights(settings["loss_weights"])
    return settings


def _weights(text: str) -> tuple[float, ...] | None:
    if not text:
        return None
    try:
        weights = tuple(float(part) for part in text.split(","))
    except ValueError:
        weights = (math.nan,)
    if not all(math.isfinite(weight) for weight in weights):
        raise BciError(f"--loss-weights {text}: must be numbers with commas between, as 0.5,0.5,1")
    return weights
