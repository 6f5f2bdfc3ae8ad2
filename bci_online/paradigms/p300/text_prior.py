"""The probability of each symbol, from the decisions before it."""

import math
from collections.abc import Mapping, Sequence

from bci_online.errors import ConfigError
from bci_online.messages import Status
from bci_online.paradigms.p300.language import language
from bci_online.standing_letters import StandingLetters

__all__ = ["IN_CONTEXT", "TextPrior"]

IN_CONTEXT = "in context"
"""What a session's start says of a prior that goes by the words before the current one, too."""

LETTERS_KEPT = 1000  # a prior depends on the words that are written and on the one that is begun


class TextPrior:
    """Prior of each letter, from the decisions before it in the same session.

    Parameters
    ----------
    code : str
        The language until a session's start names another one; empty: all symbols are equally
        likely.

    See Also
    --------
    bci_online.paradigms.p300.spelled_text.text_of : The text that the prior continues.
    bci_online.paradigms.p300.letter_evidence.LetterEvidence : Takes the prior.

    Notes
    -----
    The prior uses nothing but the marker stream and the decisions, so a replay needs nothing else.
    Where the start says so it goes by the words before the current one, too: see
    `Language.expected`. A recording from before that decides as it did.
    ``session/start/{"language": "en", "backspace": "⌫"}`` begins a text; the symbol for a rest is
    not text. The note `Undo` removes the decision of its trial: an undo, or a decision that came
    too late for the screen to carry out. The text that the subject was asked to spell is never
    used.

    With a threshold fitted for 5 % (all symbols equally likely), simulated subjects (AUC of flashes
    0.84) spelled 1000 letters each. In English 1.7 % were wrong instead of 5.7 %, with 30 % fewer
    flashes. In random letters 10.3 % were wrong instead of 5.9 %: a prior that is not true for the
    text costs errors.

    Examples
    --------
    >>> prior = TextPrior("en")
    >>> for trial, symbol in enumerate("TH", start=1):
    ...     prior.enter(symbol, trial)
    >>> likely = prior.log_prior(["E", "Q"])
    >>> likely["E"] > likely["Q"]
    True
    """

    def __init__(self, code: str = "") -> None:
        self._language = language(code) if code else None
        self._in_context = True
        self._backspace = ""
        self._text = StandingLetters()
        self._believed: dict[str, float] = {}

    def start(self, info: Mapping[str, object]) -> list[Status]:
        """Begin a session; return a warning if its language is not available."""
        self._backspace = str(info.get("backspace", ""))
        self._text.begin(info)
        if "language" not in info:
            return []
        code = str(info["language"])
        # A session from before this entry went by the current word alone.
        self._in_context = info.get("word_prior") == IN_CONTEXT
        try:
            self._language = language(code) if code else None
        except ConfigError as error:
            self._language = None
            return [Status("warning", f"no word prior: {error}")]
        return []

    def enter(self, symbol: str, trial: int) -> None:
        """Add the decision of a trial."""
        self._text.enter(trial, symbol)

    def undo(self, trial: int) -> None:
        """Remove the decision of a trial that is not valid."""
        self._text.undo(trial)

    def correct(self, trial: int, symbol: str) -> None:
        """Replace the decision of a trial."""
        self._text.correct(trial, symbol)

    def can_correct(self, trial: int, symbol: str) -> bool:
        """Return whether the screen, too, can replace the decision of a trial by this symbol."""
        return self._text.can_correct(trial, symbol)

    def believe(self, probabilities: Mapping[str, float]) -> None:
        """Use these probabilities for a letter that is asked again; empty: those of the text."""
        self._believed = dict(probabilities)

    def log_prior(self, symbols: Sequence[str]) -> dict[str, float]:
        """Return the log prior of each symbol; empty where all are equally likely."""
        if self._believed:
            # They hold the text's own prior already. A symbol that is new has the smallest.
            least = min(self._believed.values())
            return {symbol: math.log(self._believed.get(symbol, least)) for symbol in symbols}
        if self._language is None:
            return {}
        spelled = tuple(self._text.letters.values())[-LETTERS_KEPT:]
        found = self._language.probabilities(
            symbols, spelled, self._backspace, in_context=self._in_context
        )
        return {symbol: math.log(probability) for symbol, probability in found.items()}
