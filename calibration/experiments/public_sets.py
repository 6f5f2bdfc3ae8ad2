"""Which part of a public set is used: the AlphaGrad paper's six sets, and others like them.

References
----------
Chaisaen et al. (2025), IEEE JBHI, doi 10.1109/JBHI.2025.3572197; Autthasan et al. (2022), IEEE TBME
69(6):2105; Lee et al. (2019), GigaScience 8(5) (OpenBMI).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bci_online.errors import BciError

__all__ = ["SETS", "PublicSet", "preset_for"]

_MOTOR = tuple("FC5 FC3 FC1 FC2 FC4 FC6 C5 C3 C1 Cz C2 C4 C6 CP5 CP3 CP1 CPz CP2 CP4 CP6".split())


class PublicSet(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a set that is used.

    Parameters
    ----------
    classes : tuple of str
        Names of events.
    window : tuple of float
        In seconds from the set's event: the cue, or in the Graz sets the beginning of the trial.
    channels : tuple of str
        Empty means all EEG channels.
    band : tuple of float
        In Hz.

    See Also
    --------
    preset_for : The part of a set.
    """

    classes: tuple[str, ...]
    window: tuple[float, float]
    channels: tuple[str, ...] = ()
    band: tuple[float, float] = (8.0, 30.0)


SETS: Mapping[str, PublicSet] = {
    "BNCI2014_001": PublicSet(
        classes=("left_hand", "right_hand"),
        window=(2.0, 6.0),
        channels=tuple(
            "FC3 FC1 FCz FC2 FC4 C5 C3 C1 Cz C2 C4 C6 CP3 CP1 CPz CP2 CP4 P1 Pz P2".split()
        ),
    ),
    "BNCI2014_002": PublicSet(classes=("right_hand", "feet"), window=(4.0, 8.0)),
    "Lee2019_MI": PublicSet(
        classes=("left_hand", "right_hand"), window=(0.0, 4.0), channels=_MOTOR
    ),
    "Schirrmeister2017": PublicSet(
        classes=("left_hand", "right_hand"), window=(0.0, 4.0), channels=_MOTOR
    ),
    "Lee2019_SSVEP": PublicSet(
        classes=("12.0", "8.57", "6.67", "5.45"),
        window=(0.0, 4.0),
        channels=tuple("P7 P3 Pz P4 P8 PO9 PO10 O1 Oz O2".split()),
        band=(0.5, 25.0),
    ),
    "Lee2019_ERP": PublicSet(
        classes=("NonTarget", "Target"),
        window=(0.0, 0.8),
        channels=tuple(
            "Fp1 Fp2 F7 F3 Fz F4 F8 FC5 FC1 FC2 FC6 T7 C3 Cz C4 T8 TP9 TP10 CP5 CP1 CP2 CP6 "
            "P7 P3 Pz P4 P8 PO9 PO10 O1 Oz O2".split()
        ),
        band=(0.5, 40.0),
    ),
}
"""By the name of MOABB's class."""

_BANDS = {"imagery": (8.0, 30.0), "ssvep": (0.5, 25.0), "p300": (0.5, 40.0)}


def preset_for(dataset: Any, classes: Sequence[str] = ()) -> PublicSet:
    """Return the part of a set to use; of a set that is none of the six, all channels and classes.

    Parameters
    ----------
    dataset : moabb.datasets.base.BaseDataset
        Any set of MOABB.
    classes : sequence of str
        Empty means the preset's, or all.

    Returns
    -------
    preset : PublicSet
        With the chosen classes.

    Raises
    ------
    BciError
        If fewer than two classes are requested, or one that the set lacks.

    See Also
    --------
    calibration.experiments.network_sets.read_trials : Loads this part.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> dataset = SimpleNamespace(
    ...     interval=(0, 4), paradigm="imagery", event_id={"left": 1, "right": 2, "rest": 3}
    ... )
    >>> preset_for(dataset, ("left", "right")).classes
    ('left', 'right')
    """
    preset = SETS.get(type(dataset).__name__)
    if preset is None:
        start, stop = dataset.interval
        window = (0.0, 0.8) if dataset.paradigm == "p300" else (float(start), float(stop))
        band = _BANDS[dataset.paradigm]
        preset = PublicSet(classes=tuple(dataset.event_id), window=window, band=band)
    chosen = tuple(classes) or preset.classes
    unknown = [name for name in chosen if name not in dataset.event_id]
    if unknown or len(set(chosen)) < 2:
        raise BciError(
            f"--classes {','.join(chosen)}: needs two or more of {', '.join(dataset.event_id)}"
        )
    return msgspec.structs.replace(preset, classes=chosen)
