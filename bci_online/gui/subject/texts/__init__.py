"""The texts of the subject's screen, in the subject's language."""

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from bci_online.config import read_tables
from bci_online.config.reading import explained
from bci_online.errors import ConfigError

__all__ = ["Texts", "read_texts"]


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every text of the subject's screen.

    A state's name gives the quiet line at the bottom, or the notice if nothing else is shown.

    Parameters
    ----------
    ready, between, cue, flashing, deciding, decided, undecided, waiting : str
        Of the state of that name.
    paused, resting, ended, aborted : str
        Of the state of that name.
    ready_hint, paused_hint, resting_hint, ended_hint : str
        Beneath it.
    choose : str
        The cue in free spelling.
    pausing : str
        A pause begins after this letter.
    progress : str
        With ``{n}`` and ``{total}``.
    unlocked : str
        Frames do not wait for the display.
    warning, warning_body, warning_hint : str
        The question about photosensitivity.
    imagine, relax : str
        Motor imagery: with the arrow, and between two trials.
    trial_pausing, trial_progress : str
        As ``pausing`` and ``progress``, for trials.
    trial_score : str
        With ``{hits}`` and ``{judged}``.
    hit, miss, timeout : str
        Outcomes of a trial.
    imagined : dict of str to str
        A word for each class.

    See Also
    --------
    read_texts : Reads them.
    """

    ready: str
    ready_hint: str
    between: str
    cue: str
    choose: str
    flashing: str
    deciding: str
    decided: str
    undecided: str
    waiting: str
    paused: str
    paused_hint: str
    resting: str
    resting_hint: str
    pausing: str
    ended: str
    ended_hint: str
    aborted: str
    progress: str
    unlocked: str
    warning: str
    warning_body: str
    warning_hint: str
    imagine: str
    relax: str
    trial_pausing: str
    trial_progress: str
    trial_score: str
    hit: str
    miss: str
    timeout: str
    imagined: dict[str, str]

    def of(self, state: str) -> str:
        """Return the text of a state."""
        text: str = getattr(self, state)
        return text

    def lines(self) -> tuple[str, ...]:
        """Return all texts of the quiet line."""
        return (self.between, self.cue, self.choose, self.flashing, self.deciding, self.decided,
                self.undecided, self.waiting, self.pausing)  # fmt: skip

    def trial_lines(self) -> tuple[str, ...]:
        """Return all texts of the quiet line in motor imagery."""
        return self.imagine, self.relax, self.trial_pausing, self.deciding

    def place(self, n: int, total: int) -> str:
        """Return the progress in letters."""
        return self.progress.replace("{n}", str(n)).replace("{total}", str(total))

    def trial_place(self, n: int, total: int) -> str:
        """Return the progress in trials."""
        return self.trial_progress.replace("{n}", str(n)).replace("{total}", str(total))

    def score(self, hits: int, judged: int) -> str:
        """Return the score."""
        return self.trial_score.replace("{hits}", str(hits)).replace("{judged}", str(judged))

    def class_word(self, label: str) -> str:
        """Return the subject's word for a class; by default the class's own name."""
        return self.imagined.get(label, label.replace("_", " "))


def read_texts(language: str) -> Texts:
    """Read a language of the program, or a TOML file; missing texts are English.

    Parameters
    ----------
    language : str
        Such as ``en``, or the path of a TOML file.

    Returns
    -------
    texts : Texts
        Complete.

    Raises
    ------
    ConfigError
        If there is no such language or file, or it holds something else than texts.

    See Also
    --------
    bci_online.config.screen.ScreenSpec : Names the language.
    """
    shipped, english = _shipped(), _shipped()["en"]
    if language in shipped:
        own = dict(shipped[language])
    elif _is_toml(language):
        own = read_tables(Path(language))
    else:
        languages = ", ".join(sorted(shipped))
        raise ConfigError(
            f"screen.texts must be one of {languages} or a .toml file, got {language!r}"
        )
    words = own.get("imagined", {})
    if isinstance(words, dict):
        own["imagined"] = english["imagined"] | words
    try:
        return msgspec.convert(english | own, Texts)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{language}: {explained(str(error), own)}") from None


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    """Return the texts of each language of the program."""
    files = [file for file in resources.files(__name__).iterdir() if _is_toml(file.name)]
    return {Path(f.name).stem: tomllib.loads(f.read_text(encoding="utf-8")) for f in files}


def _is_toml(name: str) -> bool:
    return name.endswith(".toml")
