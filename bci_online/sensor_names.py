"""Names of channels: which are no sensor's, and which mean the same one."""

import re
from collections.abc import Sequence

__all__ = ["is_place", "other_than_sensors", "same_sensors", "sensor_place"]

# Places of the 10-5 system (Oostenveld and Praamstra 2001), and older names of temporal ones.
_PLACE = re.compile(
    "(n|fp|af|afp|aff|f|ft|fft|fc|ffc|t|ftt|c|fcc|tp|ttp|cp|ccp|p|tpp|cpp|po|ppo|o|poo|oi|i)"
    "(z|[1-9]|10)h?"
)
# Ears. They do not count as places: a cap of A1, A2, A3, ... has none.
_EAR = re.compile("[am][12]")
# Some programs write the kind, the reference and the unit around the place: "EEG Cz-A1", "Fp1.",
# "Fz-A1A2 (uV)".
_AROUND = re.compile(
    r"^eeg[ :_-]*"
    r"|(?:[ _-]+(?:ref|le|re|av|avg|ar|car|gnd|[am][12]|a1[+]?a2|m1[+]?m2|[0-9]+))?"
    r"(?: *[([][^])]*[])])?[ .]*$"
)
_WORDS = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_OTHER = frozenset(
    "acc accel accelerometer aux battery button code codes counter cq digital din ecg ekg emg eog "
    "event events gsr gyro gyroscope heog index interpolate interpolated marker markers packet "
    "photo photodiode pkt ppg quality resp respiration samplecounter samplenumber sequence status "
    "stim stimulus sync temp temperature time timestamp timestamps trg trig trigger triggers ttl "
    "validation veog".split()
)
FEWEST_PLACES = 2
# The 10-20 system's names of places that the 10-10 system calls otherwise.
_OLDER = {"t3": "t7", "t4": "t8", "t5": "p7", "t6": "p8"}


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
    bci_online.messages.streams.StreamSpec : Its EEG channels are without them.

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


def sensor_place(name: str) -> str:
    """Return a sensor's name in the spelling in which names are compared.

    Case and blanks do not matter, nor does what programs write around a place (``EEG Fz-A1``,
    ``Fc5.``). The 10-20 system's T3, T4, T5, T6 are the 10-10 system's T7, T8, P7, P8.

    Parameters
    ----------
    name : str
        As a stream or a recording has it.

    Returns
    -------
    place : str
        In lower case. A name that is no place of the 10-5 system stays as it is.

    See Also
    --------
    same_sensors : Compares names so.

    Examples
    --------
    >>> sensor_place("EEG FZ"), sensor_place("Fc5."), sensor_place("T3"), sensor_place("Ch-1")
    ('fz', 'fc5', 't7', 'ch-1')
    """
    plain = name.strip().casefold()
    # First as it is: what is taken off "P7" or "Cz2" may be a part of the place.
    if not _PLACE.fullmatch(plain) and _PLACE.fullmatch(within := _AROUND.sub("", plain)):
        plain = within
    return _OLDER.get(plain, plain)


def same_sensors(wanted: Sequence[str], there: Sequence[str]) -> dict[str, str]:
    """Return which names mean the same sensor, where no two become one.

    Parameters
    ----------
    wanted, there : sequence of str
        Names that differ within each.

    Returns
    -------
    names : dict of str to str
        From a wanted name to the one that is there: the same, else the only one at the same place.
        Names without any are left out.

    See Also
    --------
    bci_online.decoding.decoder.match_stream : Finds a decoder's sensors so.

    Examples
    --------
    >>> same_sensors(["Fz", "T7", "Oz"], ["FZ", "T3", "O1"])
    {'Fz': 'FZ', 'T7': 'T3'}
    >>> same_sensors(["T7", "P7"], ["T3", "T7", "t5", "P7."])  # two may be P7
    {'T7': 'T7'}
    """
    names = {name: name for name in wanted if name in there}
    left = [name for name in there if name not in names]
    open_ = [name for name in wanted if name not in names]
    for name in open_:
        place = sensor_place(name)
        rivals = [other for other in open_ if sensor_place(other) == place]
        found = [other for other in left if sensor_place(other) == place]
        if len(rivals) == len(found) == 1:
            names[name] = found[0]
    return names


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
    return bool(_PLACE.fullmatch(sensor_place(name)))


def _other_words(name: str) -> bool:
    words = {word.lower() for word in _WORDS.findall(name)}
    return bool(words & _OTHER) or "".join(filter(str.isalpha, name)).lower() in _OTHER
