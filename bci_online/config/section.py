"""The base of every table of a configuration: frozen, without unknown keys, floats finite."""

import math

import msgspec

__all__ = ["Section"]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """A frozen table of a configuration; floats are finite.

    See Also
    --------
    bci_online.config.reading.read_config : Reads tables of a file into it.

    Examples
    --------
    >>> class Band(Section, frozen=True):
    ...     low: float = 1.0
    >>> Band(low=float("nan"))
    Traceback (most recent call last):
    ValueError: low must be finite, got nan
    """

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{name} must be finite, got {value}")
        self.check()

    def check(self) -> None:
        """Raise ValueError where keys do not fit each other."""
