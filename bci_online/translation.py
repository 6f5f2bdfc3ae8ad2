"""The table that translates foreign markers into the grammar."""

import math
import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from bci_online.markers import Event, parse_marker

__all__ = ["TranslationRule", "Translator"]


class TranslationRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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
        A regular expression that matches it whole.

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

    to: str
    exact: str | None = None
    number: float | None = None
    regex: str | None = None

    def __post_init__(self) -> None:
        given = [self.exact is not None, self.number is not None, self.regex is not None]
        if sum(given) != 1:
            raise ValueError("a rule needs exactly one of exact, number, regex")
        if self.number is not None and not math.isfinite(self.number):
            raise ValueError(f"number must be finite, got {self.number}")
        if self.regex is not None:
            try:
                # A substitution checks `to` even where nothing matches.
                re.compile(self.regex).sub(self.to, "")
            except (re.error, IndexError, OverflowError, RecursionError) as error:
                raise ValueError(
                    f"regex {self.regex!r} with to = {self.to!r} is not valid: {error}"
                ) from None

    def apply(self, text: str) -> str | None:
        """Return the translation of `text`, or None where the rule does not match."""
        if self.exact is not None:
            return self.to if text == self.exact else None
        if self.number is not None:
            return self.to if _number(text) == self.number else None
        match = re.fullmatch(self.regex or "", text)
        return match.expand(self.to) if match else None


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
    Flash(code=7, target=None)
    >>> translator.read("S 7"), translator.untranslated
    (None, Counter({'S 7': 1}))
    """

    # A broken program can send millions of different texts.
    MOST_LISTED = 1000

    def __init__(self, rules: Sequence[TranslationRule] = ()) -> None:
        self.rules = tuple(rules)
        self.untranslated: Counter[str] = Counter()

    def read(self, text: str) -> Event | None:
        """Return the event that `text` means; None where it has no meaning here."""
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
            known = stripped in self.untranslated or len(self.untranslated) < self.MOST_LISTED
            self.untranslated[stripped if known else "(others)"] += 1
        return event
