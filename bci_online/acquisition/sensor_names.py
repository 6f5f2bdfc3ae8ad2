"""Which names of channels are no names of sensors."""

import re
from collections.abc import Sequence

__all__ = ["is_place", "other_than_sensors"]

# Places of the 10-5 system (Oostenveld and Praamstra 2001), and older names of temporal ones.
_PLACE = re.compile(
    "(n|fp|af|afp|aff|f|ft|fft|fc|ffc|t|ftt|c|fcc|tp|ttp|cp|ccp|p|tpp|cpp|po|ppo|o|poo|oi|i)"
    "(z|[1-9]|10)h?"
)
# Ears. They do not count as places: a cap of A1, A2, A3, ... has none.
_EAR = re.compile("[am][12]")
# Some programs write the kind and the reference around the place: "EEG Cz-A1", "Fp1." .
_AROUND = re.compile(r"^eeg[ _-]*|[ _-]+(?:ref|le|re|av|a1|a2|m1|m2|[0-9]+)[ .]*$|[ .]+$")
_WORDS = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_OTHER = frozenset(
    "acc accel accelerometer aux battery button code codes counter cq digital din ecg ekg emg eog "
    "event events gsr gyro gyroscope heog index interpolate interpolated marker markers packet "
    "photo photodiode pkt ppg quality resp respiration samplecounter samplenumber sequence status "
    "stim stimulus sync temp temperature time timestamp timestamps trg trig trigger triggers ttl "
    "validation veog".split()
)
FEWEST_PLACES = 2


def other_than_sensors(names: Sequence[str]) -> set[str]:
    """Return the names that are no sensor's, beside names that are.

    A name is no sensor's if it has a word for something else, such as ``Trig1`` or ``TimeStamp``.
    Where at least half of the names are places of the 10-5 system, all other names are none either.

    Parameters
    ----------
    names : sequence of str
        Of the channels of type EEG.

    Returns
    -------
    others : set of str
        Empty if no name would be left.

    See Also
    --------
    bci_online.acquisition.channel_description.stream_spec : Leaves them out.

    Examples
    --------
    >>> sorted(other_than_sensors(["Fz", "Cz", "Pz", "HardwareMarker", "Trig1", "X"]))
    ['HardwareMarker', 'Trig1', 'X']
    >>> other_than_sensors(["Ch1", "Ch2", "E17", "12", "A12"])
    set()
    """
    places = {name for name in names if is_place(name)}
    others = {name for name in names if name not in places and _other_words(name)}
    if len(places) >= max(FEWEST_PLACES, len(names) / 2):
        others |= {name for name in names if not _EAR.fullmatch(name.lower())} - places
    return others if len(others) < len(set(names)) else set()


def is_place(name: str) -> bool:
    """Return whether a name is a place of the 10-5 system, however a program writes it.

    Parameters
    ----------
    name : str
        Of a channel.

    Returns
    -------
    is_place : bool
        False for ears.

    See Also
    --------
    other_than_sensors : Which names are none.

    Examples
    --------
    >>> is_place("EEG Cz-A1"), is_place("Ch1")
    (True, False)
    """
    plain = name.strip().lower()
    # First as it is: what is taken off "P7" or "Cz2" may be a part of the place.
    return bool(_PLACE.fullmatch(plain) or _PLACE.fullmatch(_AROUND.sub("", plain)))


def _other_words(name: str) -> bool:
    words = {word.lower() for word in _WORDS.findall(name)}
    return bool(words & _OTHER) or "".join(filter(str.isalpha, name)).lower() in _OTHER
