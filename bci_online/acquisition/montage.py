"""Where the sensors of the 10-10 system are, on a sphere of radius 1."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bci_online.errors import ConfigError

__all__ = ["located", "sensor_positions", "topography"]

Array = NDArray[np.float64]


def sensor_positions() -> dict[str, Array]:
    """Return where the sensors of the 10-10 system sit on a unit sphere.

    Returns
    -------
    positions : dict of str to ndarray, shape (3,)
        x to the right, y to the nose, z up; Cz is (0, 0, 1).

    See Also
    --------
    bci_online.acquisition.synthetic_eeg.SyntheticEEG : The signal at these places.

    Notes
    -----
    Midline and outer ring are cut into steps of 10 % (18 degrees), Fpz and Oz lie on the ring 72
    degrees from Cz, and each row is the circle through its two ring sensors and its midline one.

    Examples
    --------
    >>> positions = sensor_positions()
    >>> bool(positions["C4"][0] > 0), float(positions["Cz"][2])
    (True, 1.0)
    """
    positions = {"Nz": _at(0, 90), "Iz": _at(180, 90), "Cz": _at(0, 0)}
    for name, azimuth in (("Fp", 18), ("O", 162)):
        positions[f"{name}1"], positions[f"{name}2"] = _at(azimuth, 72), _at(-azimuth, 72)
    positions["Fpz"], positions["Oz"] = _at(0, 72), _at(180, 72)
    rows = (("AF", "AF"), ("F", "F"), ("FT", "FC"), ("T", "C"), ("TP", "CP"), ("P", "P"),
            ("PO", "PO"))  # fmt: skip
    for place, (outer, inner) in enumerate(rows):
        azimuth, middle = 36 + 18 * place, _at(0, 54 - 18 * place)
        positions[f"{inner}z"] = middle
        for side, numbers in ((1, (1, 3, 5, 7, 9)), (-1, (2, 4, 6, 8, 10))):
            ring = _at(side * azimuth, 72)
            for step, number in enumerate(numbers[:3], start=1):
                positions[f"{inner}{number}"] = _between(middle, ring, step / 4)
            positions[f"{outer}{numbers[3]}"] = ring
            positions[f"{outer}{numbers[4]}"] = _at(side * azimuth, 90)
    older = {"T3": "T7", "T4": "T8", "T5": "P7", "T6": "P8", "M1": "TP9", "M2": "TP10"}
    return positions | {name: positions[newer] for name, newer in older.items()}


def _at(azimuth: float, inclination: float) -> Array:
    """Return the point so many degrees to the left of the nose and down from Cz."""
    left, down = math.radians(azimuth), math.radians(inclination)
    return np.array(
        [-math.sin(left) * math.sin(down), math.cos(left) * math.sin(down), math.cos(down)]
    )


def _between(middle: Array, ring: Array, share: float) -> Array:
    """Return the point at `share` of the way on the circle through `middle`, `ring` and its mirror.

    ``middle`` has x = 0, so the circle's plane holds the x axis' direction.
    """
    side = np.array([math.copysign(1.0, ring[0]), 0.0, 0.0])
    normal = np.cross(side, middle - ring * (0, 1, 1))
    normal /= np.linalg.norm(normal)
    centre = normal * (normal @ middle)
    radius = float(np.linalg.norm(middle - centre))
    up = (middle - centre) / radius
    angle = share * math.atan2(side @ ring, up @ (ring - centre))
    return centre + radius * (math.cos(angle) * up + math.sin(angle) * side)


def located(ch_names: Sequence[str]) -> Array:
    """Return the places of `ch_names`, shape (n_channels, 3); upper and lower case are alike.

    Parameters
    ----------
    ch_names : sequence of str
        Positions of the 10-10 system.

    Returns
    -------
    places : ndarray, shape (n_channels, 3)
        On the unit sphere.

    Raises
    ------
    ConfigError
        If a name is not in the 10-10 system, or is there twice.

    See Also
    --------
    sensor_positions : All places.

    Examples
    --------
    >>> bool(np.allclose(located(["cz"]), [[0, 0, 1]]))  # the top
    True
    """
    known = {name.casefold(): place for name, place in sensor_positions().items()}
    names = [name.casefold() for name in ch_names]
    refused = [
        name for name, key in zip(ch_names, names, strict=True)
        if key not in known or names.count(key) > 1
    ]  # fmt: skip
    if refused or not names:
        raise ConfigError(
            "simulation.ch_names must be different positions of the 10-10 system, such as Fz, C3 "
            f"or PO7; unknown or there twice: {', '.join(refused) or '(no channel)'}"
        )
    return np.array([known[name] for name in names])


def topography(places: Array, centres: Array, width: float) -> Array:
    """Return how strongly sources at `centres` reach `places`; 1 at a source's own place.

    ``exp(-angle² / (2 width²))``, in degrees, shape (n_sources, n_sensors).

    Parameters
    ----------
    places : ndarray, shape (n_sensors, 3)
        On the unit sphere.
    centres : ndarray, shape (n_sources, 3)
        Where sources are strongest.
    width : float
        In degrees.

    Returns
    -------
    weights : ndarray, shape (n_sources, n_sensors)
        From 0 to 1.

    See Also
    --------
    located : Places of sensors.

    Examples
    --------
    >>> near = topography(located(["Cz", "Pz", "Oz"]), located(["Pz"]), width=40.0)[0]
    >>> near.argmax().item(), round(near.max().item(), 6)
    (1, 1.0)
    """
    angles = np.degrees(np.arccos(np.clip(centres @ places.T, -1, 1)))
    return np.exp(-0.5 * (angles / width) ** 2)
