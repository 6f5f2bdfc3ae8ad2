"""What a decoder keeps of a configuration: one mapping, read in both directions.

A field that a decoder file and a configuration both have is the same number: what has the same name
and type in `DecoderHeader` or `Preprocessing` and in a configuration, its ``[eeg]`` or its
``[markers]`` is kept by training and given back to a session. So a new one is declared in both
structs, and in no function.
"""

from collections.abc import Collection
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args

import msgspec

from bci_online.config.decoder import DecoderHeader
from bci_online.config.section import Section
from bci_online.config.sections import Config

__all__ = ["given_back", "kept", "place_of"]

TABLES = ("eeg", "markers")
# A decoder's own evidence is how scores become it; this is the interval that windows lie in.
RENAMED = {"interval": "evidence"}


@cache
def place_of(target: type[Section]) -> dict[str, tuple[str, ...]]:
    """Return, for each field of `target` that a configuration has, where: ``("eeg", "counter")``.

    Parameters
    ----------
    target : type
        `DecoderHeader` or `Preprocessing`.
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
    """Return the fields of `target` that a configuration says, by name."""
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
    """Return a configuration with all that a decoder keeps in place of its own.

    Parameters
    ----------
    config : Config
        What it says of anything else stays.
    header : DecoderHeader
        Of the decoder; a window that it does not have stays the configuration's.
    except_for : collection of str
        Fields of the header that are not given back.
    changes
        Fields of `Config` that get another value still.
    """
    new: dict[str, dict[str, Any]] = {name: {} for name in ("", *TABLES)}
    for struct in (header, header.preprocessing):
        for field, (*prefix, name) in place_of(type(struct)).items():
            value = getattr(struct, field)
            if field not in except_for and value is not None:
                new["".join(prefix)][name] = value
    tables = {name: msgspec.structs.replace(getattr(config, name), **new[name]) for name in TABLES}
    return msgspec.structs.replace(config, **(tables | new[""] | changes))


def _types(struct: type[Section]) -> dict[str, Any]:
    return {field.name: _without_none(field.type) for field in msgspec.structs.fields(struct)}


def _without_none(type_: Any) -> Any:
    # A decoder of flashes has no window: in its file that field may be None.
    if isinstance(type_, UnionType) and len(get_args(type_)) == 2:
        return next(each for each in get_args(type_) if each is not NoneType)
    return type_
