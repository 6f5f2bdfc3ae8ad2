"""The table that translates foreign markers into the grammar.

Regular expressions run on RE2, whose time grows with the length of a text and never faster. The
table may come in a decoder file from another person. With Python's own engine one expression could
stop a run.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any

import msgspec
import re2

from bci_online.markers import Cue, Event, Flash, parse_marker

__all__ = ["TranslationRule", "Translator"]

Text = Annotated[str, msgspec.Meta(max_length=1000)]
# What `to` may name: a group, or a backslash itself.
_REFERENCE = re.compile(r"\\(?:([1-9][0-9]?)|g<(\w+)>|(\\)|)")


class TranslationRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    r"""One line of the table from foreign markers to the grammar.

    A rule has exactly one of ``exact``, ``number``, ``regex``.

    Parameters
    ----------
    to : str
        The marker. It may refer to groups of the regular expression as ``\1`` or ``\g<name>``.
        Empty: the foreign marker is left out, and not counted as unknown.
    exact : str, optional
        The foreign marker.
    number : float, optional
        Its value, however it is written.
    regex : str, optional
        A regular expression in the syntax of RE2 that matches it whole. RE2 knows no backreferences
        (``(a)\1``) and does not look ahead or behind (``(?=a)``).

    Raises
    ------
    ValueError
        If there is not exactly one of the three, or it is not valid.

    See Also
    --------
    Translator : Applies the rules.

    Examples
    --------
    >>> TranslationRule(regex=r"S +([0-9]+)", to=r"flash/\1/unknown").apply("S  7")
    'flash/7/unknown'
    """

    to: Text
    exact: Text | None = None
    number: Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)] | None = None
    regex: Text | None = None

    def __post_init__(self) -> None:
        given = [self.exact is not None, self.number is not None, self.regex is not None]
        if sum(given) != 1:
            raise ValueError("a rule needs exactly one of exact, number, regex")
        if self.number is not None and not math.isfinite(self.number):
            raise ValueError(f"number must be finite, got {self.number}")
        if self.regex is not None:
            try:
                self._check_references()
            except (re2.error, ValueError) as error:
                raise ValueError(
                    f"regex {self.regex!r} with to = {self.to!r} is not valid: {_reason(error)}"
                ) from None

    def apply(self, text: str) -> str | None:
        """Return the translation of `text`, or None where the rule does not match."""
        if self.exact is not None:
            return self.to if text == self.exact else None
        if self.number is not None:
            return self.to if _number(text) == self.number else None
        # A text from a broken sender may hold halves of characters, which RE2 cannot take.
        match = self._compiled.fullmatch(text.encode("utf-8", "replace").decode())
        if match is None:
            return None
        return _REFERENCE.sub(lambda found: _meant(found, match), self.to)

    @cached_property
    def _compiled(self) -> Any:
        options = re2.Options()
        # It would write to standard error; the error that it raises says the same.
        options.log_errors = False
        return re2.compile(self.regex, options)

    def _check_references(self) -> None:
        known = {*map(str, range(self._compiled.groups + 1)), *self._compiled.groupindex}
        for found in _REFERENCE.finditer(self.to):
            number, name, backslash = found.groups()
            if not backslash and (number or name) not in known:
                raise ValueError(f"it has no group {found[0]}")


def _meant(found: re.Match[str], match: Any) -> str:
    """Return what a reference stands for; nothing for a group that took no part."""
    number, name, backslash = found.groups()
    if backslash:
        return str(backslash)
    group = number or name
    return match[int(group) if group.isdecimal() else group] or ""


def _reason(error: Exception) -> str:
    # RE2 gives bytes, and repeats the whole expression.
    reason = error.args[0]
    return reason.decode("utf-8", "replace")[:100] if isinstance(reason, bytes) else str(error)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


class Translator:
    """Translates markers by a table of rules, and counts those that it cannot read.

    Parameters
    ----------
    rules : sequence of TranslationRule
        The first rule that matches is applied. A text that no rule matches is read unchanged.

    Attributes
    ----------
    rules : tuple of TranslationRule
    untranslated : Counter
        How often each text came that is not in the grammar, even after translation.

    See Also
    --------
    bci_online.markers.grammar.parse_marker : The grammar.

    Examples
    --------
    >>> translator = Translator([TranslationRule(number=7, to="flash/7/unknown")])
    >>> translator.read("7.0")
    Flash(code=7)
    >>> translator.read("S 7"), translator.untranslated
    (None, Counter({'S 7': 1}))
    """

    # A broken program can send millions of different texts, and long ones.
    MOST_LISTED = 1000
    LONGEST_LISTED = 200

    def __init__(self, rules: Sequence[TranslationRule] = ()) -> None:
        self.rules = tuple(rules)
        self.untranslated: Counter[str] = Counter()
        # A speller has a dozen flashes, and each comes a hundred times.
        self._read: dict[str, Flash | Cue] = {}

    def read(self, text: str) -> Event | None:
        """Return the event that `text` means; None where it has no meaning here."""
        if (known := self._read.get(text)) is not None:
            return known
        stripped = text.strip()
        translated = stripped
        for rule in self.rules:
            found = rule.apply(stripped)
            if found == "":
                return None
            if found is not None:
                translated = found
                break
        event = parse_marker(translated)
        if event is None:
            self.leave_out(stripped)
        elif isinstance(event, Flash | Cue) and len(text) <= self.LONGEST_LISTED:
            if len(self._read) >= self.MOST_LISTED:
                self._read.clear()
            self._read[text] = event
        return event

    def leave_out(self, text: str) -> None:
        """Count a text that has no meaning here."""
        listed = text[: self.LONGEST_LISTED]
        known = listed in self.untranslated or len(self.untranslated) < self.MOST_LISTED
        self.untranslated[listed if known else "(others)"] += 1
