"""What a decoder keeps of a configuration: one mapping, read in both directions.

A decoder keeps a value when its field has the same name and type in `DecoderHeader` or
`Preprocessing` as in a configuration, its ``[eeg]`` or its ``[markers]``. Training copies the value
into the decoder file; a session takes it back from there. A new field is declared in both structs.
No function lists the fields.
"""

from collections.abc import Collection
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args

import msgspec

from bci_online.config.decoder import DecoderHeader
from bci_online.config.section import Section
from bci_online.config.sections import Config
from bci_online.config.streams import MarkerStream
from bci_online.errors import ConfigError

__all__ = ["READING", "check_paradigm", "given_back", "kept", "place_of", "read_as_trained"]

TABLES = ("eeg", "markers")
READING = ("translate", "channel", "channel_of_eeg", "mask", "join")
"""What of ``[markers]`` says how markers are read, and not where they come from."""
# `evidence` of a header is how scores become evidence; that of a configuration is an interval.
RENAMED = {"interval": "evidence"}


def check_paradigm(header: DecoderHeader, config: Config | None) -> None:
    """Refuse a configuration for another paradigm than the decoder's.

    Parameters
    ----------
    header : DecoderHeader
        Of any paradigm.
    config : Config or None
        None is for every paradigm.

    Raises
    ------
    ConfigError
        If they differ.

    See Also
    --------
    bci_online.runtime.assembly.online_chain : Builds the chain of a decoder.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> header = DecoderHeader(method="lda", preprocessing=own)
    >>> check_paradigm(header, Config(paradigm="motor_imagery"))
    Traceback (most recent call last):
    bci_online.errors.ConfigError: the configuration is for 'motor_imagery', the decoder for 'p300'
    """
    if config is not None and config.paradigm != (own := header.paradigm):
        raise ConfigError(f"the configuration is for {config.paradigm!r}, the decoder for {own!r}")


@cache
def place_of(target: type[Section]) -> dict[str, tuple[str, ...]]:
    """Return where a configuration has the fields of `target`; fields that it lacks are left out.

    Parameters
    ----------
    target : type
        `DecoderHeader` or `Preprocessing`.

    Returns
    -------
    places : dict of str to tuple of str
        Table and key of each field.

    See Also
    --------
    kept : The values themselves.

    Examples
    --------
    >>> from bci_online.config import DecoderHeader, Preprocessing
    >>> place_of(Preprocessing)["counter"], place_of(DecoderHeader)["stopping"]
    (('eeg', 'counter'), ('stopping',))
    """
    tables: list[tuple[tuple[str, ...], type[Section]]] = [((), Config)]
    types = _types(Config)
    tables += [((name,), types[name]) for name in TABLES]
    places = {}
    for field, type_ in _types(target).items():
        name = RENAMED.get(field, field)
        for prefix, table in tables:
            if _types(table).get(name) == type_:
                places[field] = (*prefix, name)
    return places


def kept(config: Config, target: type[Section]) -> dict[str, Any]:
    """Return the values of a configuration that `target` keeps, by the names of its fields.

    Parameters
    ----------
    config : Config
        Where the values are.
    target : type
        `DecoderHeader` or a part of it.

    Returns
    -------
    values : dict of str to object
        Arguments for `target`.

    See Also
    --------
    given_back : The other direction.

    Examples
    --------
    >>> kept(Config(), DecoderHeader)["paradigm"]
    'p300'
    """
    found = {}
    for field, place in place_of(target).items():
        value: Any = config
        for name in place:
            value = getattr(value, name)
        found[field] = value
    return found


def given_back(
    config: Config, header: DecoderHeader, *, except_for: Collection[str] = (), **changes: Any
) -> Config:
    """Return a configuration with the values that a decoder keeps.

    Parameters
    ----------
    config : Config
        Its other values stay.
    header : DecoderHeader
        Of the decoder. Without a window there, that of `config` stays.
    except_for : collection of str
        Fields of the header that are left out.
    **changes : object
        Fields of `Config`, by name; they hold whatever the decoder says.

    Returns
    -------
    config : Config
        A new one.

    See Also
    --------
    kept : The other direction.

    Examples
    --------
    >>> from bci_online.config import Preprocessing, Stopping
    >>> preprocessing = Preprocessing(sfreq=256.0, ch_names=("Cz",), reference="average")
    >>> header = DecoderHeader(
    ...     method="lda", preprocessing=preprocessing, stopping=Stopping(max_repetitions=7)
    ... )
    >>> config = given_back(Config(), header)
    >>> config.eeg.reference, config.stopping.max_repetitions
    ('average', 7)
    """
    new: dict[str, dict[str, Any]] = {name: {} for name in ("", *TABLES)}
    for struct in (header, header.preprocessing):
        for field, (*prefix, name) in place_of(type(struct)).items():
            value = getattr(struct, field)
            if field not in except_for and value is not None:
                new["".join(prefix)][name] = value
    tables = {name: msgspec.structs.replace(getattr(config, name), **new[name]) for name in TABLES}
    return msgspec.structs.replace(config, **(tables | new[""] | changes))


def read_as_trained(config: Config, header: DecoderHeader) -> Config:
    """Return a configuration that reads markers as the training did, unless it says how itself.

    Parameters
    ----------
    config : Config
        Of a run or a replay.
    header : DecoderHeader
        Of the decoder.

    Returns
    -------
    config : Config
        The same if one of `READING` is not at its default there.

    See Also
    --------
    given_back : All that a decoder keeps.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(sfreq=256.0, ch_names=("Cz",))
    >>> header = DecoderHeader(method="lda", preprocessing=own, channel_of_eeg="Trig1", mask=255)
    >>> read_as_trained(Config(), header).markers.channel_of_eeg
    'Trig1'
    """
    default, own = MarkerStream(), config.markers
    if any(getattr(own, name) != getattr(default, name) for name in READING):
        return config
    markers = msgspec.structs.replace(own, **{name: getattr(header, name) for name in READING})
    return msgspec.structs.replace(config, markers=markers)


def _types(struct: type[Section]) -> dict[str, Any]:
    return {field.name: _without_none(field.type) for field in msgspec.structs.fields(struct)}


def _without_none(type_: Any) -> Any:
    # A decoder of flashes has no window: in its file that field may be None.
    if isinstance(type_, UnionType) and len(get_args(type_)) == 2:
        return next(each for each in get_args(type_) if each is not NoneType)
    return type_
