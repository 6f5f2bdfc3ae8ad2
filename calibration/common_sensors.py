"""The sensors that several recordings have in common, however each spells their names."""

from collections.abc import Mapping, Sequence

from bci_online.errors import RecordingError
from bci_online.sensor_names import sensor_place

__all__ = ["common_sensors"]

FEWEST_SENSORS = 2


def common_sensors(
    own: Sequence[str], others: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find the sensors that all recordings have.

    Parameters
    ----------
    own : sequence of str
        The new subject's.
    others : mapping of str to sequence of str
        The sensors of each source, by the source's name.

    Returns
    -------
    common : tuple of str
        In the new subject's order and spelling.
    notes : tuple of str
        How many sensors each source has, and which were dropped.

    Raises
    ------
    RecordingError
        If fewer than two sensors are common to all.

    See Also
    --------
    bci_online.sensor_names.sensor_place : How names are compared.
    calibration.p300.pooling.sources.pool_source : Brings a source onto these sensors.

    Examples
    --------
    >>> common, notes = common_sensors(("Cz", "P7", "Oz"), {"other": ("OZ", "T5")})
    >>> common
    ('P7', 'Oz')
    >>> notes[1]
    'pooled on P7 Oz; dropped: Cz'
    """
    kept = set(map(sensor_place, own))
    notes = []
    for source, names in others.items():
        theirs = set(map(sensor_place, names))
        shared = [name for name in own if sensor_place(name) in theirs]
        notes.append(f"{source}: has {len(shared)} of the new subject's {len(own)} sensors")
        kept &= theirs
    common = tuple(name for name in own if sensor_place(name) in kept)
    if len(common) < FEWEST_SENSORS:
        listed = "; ".join(f"{source}: {' '.join(names)}" for source, names in others.items())
        raise RecordingError(
            f"{len(common)} sensors are common to all recordings, at least "
            f"{FEWEST_SENSORS} are needed; leave a source out; new subject: {' '.join(own)}; "
            f"{listed}"
        )
    dropped = [name for name in own if name not in common]
    if dropped:
        notes.append(f"pooled on {' '.join(common)}; dropped: {' '.join(dropped)}")
    return common, tuple(notes)
