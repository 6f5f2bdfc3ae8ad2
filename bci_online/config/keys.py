"""Every key of a configuration with its unit, range, default and help, from the structs alone.

Types say what a value may be and in which unit (`bci_online.config.ranges`), docstrings say what
it means. The commented file and the lab's form are made from this and from nothing else.
"""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import msgspec
import msgspec.inspect

from bci_online.config.sections import Config

__all__ = ["Bounds", "ConfigKey", "Kind", "config_keys", "described"]

Kind = Literal["flag", "choice", "number", "text", "list", "table", "rules"]
"""What a value is: see `ConfigKey`."""

MOST = float(1 << 53)
"""So far a double counts exactly; nobody needs to read such a bound."""

_NUMBER = msgspec.inspect.IntType | msgspec.inspect.FloatType
_ENTRY = re.compile(r"^(\w+(?:, \w+)*) : .+\n((?:(?:    .*)?\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Bounds:
    """What a number may be.

    Parameters
    ----------
    low, high : float
        The least and the greatest.
    above, below : bool
        Whether it must be above `low`, and below `high`.

    See Also
    --------
    ConfigKey : Has them.

    Examples
    --------
    >>> print(Bounds(0, 10, above=True).words)
    above 0 to 10
    """

    low: float
    high: float
    above: bool = False
    below: bool = False

    @property
    def ends(self) -> tuple[str, str]:
        """Both ends as a person writes them."""
        low, high = (
            str(end) if isinstance(end, int) else f"{end:.10g}" for end in (self.low, self.high)
        )
        return low, high

    @property
    def is_open(self) -> bool:
        """Whether the upper end is too far for anybody to need it."""
        return self.high >= MOST

    @property
    def words(self) -> str:
        """The range, in English."""
        low, high = self.ends
        begin = f"above {low}" if self.above else low
        if self.is_open:
            return f"at least {low}"
        return f"{begin} to {'below ' * self.below}{high}"


@dataclass(frozen=True)
class ConfigKey:
    """One key of a configuration.

    Parameters
    ----------
    table, name : str
        Where it stands; the table is empty for a key above all tables.
    kind : str
        ``flag``: true or false. ``choice``: one of `choices`. ``number``, ``text``: such a value.
        ``list``: several texts, or lists of them. ``table``: texts, each with a value. ``rules``:
        a list of tables.
    help : str
        What it means, in English.
    unit : str
        Empty: none.
    bounds : Bounds or None
        What a number may be.
    choices : tuple of str
        Words that may stand here; with a number or a text, beside it.
    is_whole : bool
        Whether a number has no fraction.
    default : object
        As TOML holds it. None: the key is left out.

    See Also
    --------
    config_keys : All of them.

    Examples
    --------
    >>> [key] = [key for key in config_keys() if key.path == "filter.l_freq"]
    >>> key.default, key.unit, key.bounds.words, key.help
    (0.5, 'Hz', '0.01 to 50000', 'Lower edge of the band.')
    """

    table: str
    name: str
    kind: Kind
    help: str
    unit: str = ""
    bounds: Bounds | None = None
    choices: tuple[str, ...] = ()
    is_whole: bool = False
    default: Any = None

    @property
    def path(self) -> str:
        """The dotted key, as an error names it."""
        return f"{self.table}.{self.name}" if self.table else self.name


@cache
def config_keys() -> tuple[ConfigKey, ...]:
    """Return every key of a configuration, in the order of its structs.

    Returns
    -------
    keys : tuple of ConfigKey
        Table by table.

    See Also
    --------
    described : What a table is about.

    Examples
    --------
    >>> [key.name for key in config_keys() if key.table == "epoch"]
    ['tmin', 'tmax', 'step', 'after']
    """
    return tuple(_keys_of(Config, ""))


@cache
def described(struct: type) -> dict[str, str]:
    """Return what each field of a struct means, from its docstring.

    Parameters
    ----------
    struct : type
        Its docstring has a section ``Parameters``, as numpydoc reads it.

    Returns
    -------
    meanings : dict of str to str
        Plain text on one line. Empty where Python left the docstrings out.

    See Also
    --------
    config_keys : Every key with its meaning.

    Examples
    --------
    >>> described(Config)["security"]
    'Whose markers a live run obeys.'
    """
    text = inspect.getdoc(struct) or ""
    _, _, section = text.partition("Parameters\n----------\n")
    section = re.split(r"^.+\n-+\n", section, maxsplit=1, flags=re.MULTILINE)[0] + "\n"
    return {
        name: " ".join(meaning.replace("`", "").split())
        for names, meaning in _ENTRY.findall(section)
        for name in names.split(", ")
    }


def _keys_of(struct: type, table: str) -> Iterator[ConfigKey]:
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)
    defaults = msgspec.json.decode(msgspec.json.encode(struct()))
    for field in info.fields:
        if isinstance(field.type, msgspec.inspect.StructType):
            yield from _keys_of(field.type.cls, field.name)
            continue
        meaning = described(struct).get(field.name, "")
        default = defaults[field.name]
        yield _key(table, field.name, list(_plain(field.type)), meaning, default)


def _plain(type_: Any, unit: str = "") -> Iterator[tuple[Any, str]]:
    """Yield the types that a value may have, each with its unit."""
    if isinstance(type_, msgspec.inspect.Metadata):
        yield from _plain(type_.type, (type_.extra or {}).get("unit", unit))
    elif isinstance(type_, msgspec.inspect.UnionType):
        for one in type_.types:
            yield from _plain(one, unit)
    else:
        yield type_, unit


def _key(
    table: str, name: str, types: list[tuple[Any, str]], meaning: str, default: Any
) -> ConfigKey:
    choices: tuple[str, ...] = ()
    bounds, is_whole = None, False
    for type_, _ in types:
        if isinstance(type_, msgspec.inspect.LiteralType):
            # msgspec sorts them; what stands there by itself comes first.
            words = sorted(map(str, type_.values), key=lambda word: word != default)
            choices += tuple(words)
        elif isinstance(type_, _NUMBER):
            bounds, is_whole = _bounds(type_), isinstance(type_, msgspec.inspect.IntType)
    unit = next((unit for _, unit in types if unit), "")
    kind = _kind([type_ for type_, _ in types])
    return ConfigKey(table, name, kind, meaning, unit, bounds, choices, is_whole, default)


def _bounds(number: Any) -> Bounds:
    above, below = number.gt is not None, number.lt is not None
    low, high = number.gt if above else number.ge, number.lt if below else number.le
    return Bounds(low, high, above, below)


def _kind(types: list[Any]) -> Kind:
    """Return the kind of the widest type."""
    widest: tuple[tuple[Any, Kind], ...] = (
        (msgspec.inspect.DictType, "table"),
        (msgspec.inspect.StrType, "text"),
        (_NUMBER, "number"),
        (msgspec.inspect.LiteralType, "choice"),
        (msgspec.inspect.BoolType, "flag"),
    )
    for type_ in types:
        if isinstance(type_, msgspec.inspect.VarTupleType):
            holds_tables = isinstance(type_.item_type, msgspec.inspect.StructType)
            return "rules" if holds_tables else "list"
    return next(kind for type_, kind in widest if any(isinstance(one, type_) for one in types))
