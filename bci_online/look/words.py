"""The marker words of a recording: how often each came, and what it is read as."""

import re
from collections import Counter
from collections.abc import Sequence

import msgspec
import re2

from bci_online.acquisition.joined_markers import JoinedMarkers
from bci_online.counted import counted
from bci_online.input_findings import InputFinding
from bci_online.marker_presets import MOST_UNREAD, best_preset
from bci_online.markers import (
    Cue,
    Event,
    Feedback,
    Flash,
    Layout,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
)
from bci_online.messages import Marker
from bci_online.notes import AnyNote
from bci_online.toml_text import toml_value
from bci_online.translation import TranslationRule, Translator

__all__ = ["MarkerWord", "marker_words", "questions", "unread_words"]

MOST_WORDS = 40
LONGEST_SHOWN, LONGEST_NAMED = 100, 40
# With fewer different words each is shown; with more those that differ only in numbers are one.
FEW_WORDS = 16

NOT_READ = "not read"
OTHERS = {
    Layout: "layout",
    Feedback: "feedback",
    SessionStarted: "session starts",
    SessionEnded: "session ends",
}


class MarkerWord(msgspec.Struct, frozen=True):
    """A marker, or several that differ only in their numbers.

    Parameters
    ----------
    text : str
        With ``#`` for numbers where several are one.
    n : int
        How often it came.
    meaning : str
        What it is read as.

    See Also
    --------
    marker_words : Makes them.
    """

    text: str
    n: int
    meaning: str


def marker_words(
    markers: Sequence[Marker], rules: Sequence[TranslationRule], join: bool
) -> list[MarkerWord]:
    """Return the words of a recording, the most frequent first.

    Parameters
    ----------
    markers : sequence of Marker
        As a source delivers them without joining.
    rules : sequence of TranslationRule
        How they are read.
    join : bool
        Whether markers of one moment are one.

    Returns
    -------
    words : list of MarkerWord
        At most forty; the last one counts the others.

    See Also
    --------
    unread_words : What is wrong with them.

    Examples
    --------
    >>> for word in marker_words([Marker("flash/3/target", 1.0), Marker("S 7", 2.0)], (), False):
    ...     print(word)
    MarkerWord(text='flash/3/target', n=1, meaning='flash, target')
    MarkerWord(text='S 7', n=1, meaning='not read')
    """
    counts = _counted(markers, join)
    translator = Translator(rules)
    is_grouped = len(counts) > FEW_WORDS
    rows: Counter[tuple[str, str]] = Counter()
    for text, n in counts.items():
        meaning, shown = _meaning(translator, text), text
        if is_grouped and meaning != NOT_READ:
            shown = re.sub(r"[0-9]+", "#", _without_symbol(text, translator))
        rows[shown[:LONGEST_SHOWN], meaning] += n
    words = [MarkerWord(text, n, meaning) for (text, meaning), n in rows.most_common()]
    rest = sum(word.n for word in words[MOST_WORDS:])
    others = [MarkerWord(counted(len(words) - MOST_WORDS, "other"), rest, "")] if rest else []
    return words[:MOST_WORDS] + others


def questions(words: Sequence[MarkerWord]) -> str:
    """Return a table of translation to be filled in, as comments of a TOML file.

    Parameters
    ----------
    words : sequence of MarkerWord
        Those that are not read are asked for.

    Returns
    -------
    text : str
        Empty if all are read.

    See Also
    --------
    bci_online.translation.TranslationRule : A line of the table.

    Examples
    --------
    >>> print(questions([MarkerWord("7", 40, "not read")]).splitlines()[-1])
    # to = "flash/7/unknown"
    """
    asked = [word for word in words if word.meaning == NOT_READ]
    lines = [
        "",
        "# What do these markers mean? Take away the # of those that matter, and correct `to`:",
        "# flash/CODE/target, flash/CODE/nontarget, trial/start/LETTER, trial/end, cue/CLASS,",
        '# or "" for nothing. One rule can read many: regex = "S (.*)", to = "flash/\\\\1/unknown"',
    ]
    for word in asked:
        number = re.fullmatch(r"(-?[0-9]{1,9})(?:\.0*)?", word.text)
        code = number[1] if number else "CODE"
        if number:
            rule = f"number = {code}"
        elif len(word.text) < LONGEST_SHOWN:
            rule = f"exact = {toml_value(word.text)}"
        else:
            # Only the start of the text is shown.
            rule = f"regex = {toml_value(re2.escape(word.text) + '.*')}"
        lines += [
            "#",
            f"# [[markers.translate]]  # {counted(word.n, 'time')}",
            f"# {rule}",
            f"# to = {toml_value(f'flash/{code}/unknown')}",
        ]
    return "\n".join(lines) + "\n" if asked else ""


def unread_words(
    markers: Sequence[Marker], rules: tuple[TranslationRule, ...], join: bool
) -> InputFinding | None:
    """Return a finding if a preset reads more stimuli, or most markers mean nothing here.

    Parameters
    ----------
    markers : sequence of Marker
        As a source delivers them without joining.
    rules : tuple of TranslationRule
        How they are read.
    join : bool
        Whether markers of one moment are one.

    Returns
    -------
    finding : InputFinding or None
        It names the preset, if there is one.

    See Also
    --------
    bci_online.marker_presets.best_preset : Finds it.

    Examples
    --------
    >>> markers = [Marker(f"s,{code},{'tn'[code > 1]}", float(code)) for code in range(1, 7)]
    >>> print(unread_words(markers, (), join=False).line)
    markers.preset = "comma-list"
    """
    counts = _counted(markers, join)
    translator = Translator(rules)
    meanings = {text: _meaning(translator, text) for text in counts}
    unread = Counter({text: n for text, n in counts.items() if meanings[text] == NOT_READ})
    what = f"{sum(unread.values()) or sum(counts.values())} of {sum(counts.values())} markers"
    most = ", ".join(repr(text[:LONGEST_NAMED]) for text, _ in unread.most_common(3))
    fit = best_preset(_counted(markers, join=False), _counted(markers, join=True), rules)
    if fit is not None:
        preset, n_read = fit
        value = f"are not in the grammar, such as {most}; the preset reads {n_read} as stimuli"
        if not unread:
            value = f"have no label of their own; the preset reads {n_read} with theirs"
        line = f"markers.preset = {toml_value(preset)}"
        return InputFinding("markers unread", what, value, line=line)
    if sum(unread.values()) <= MOST_UNREAD * sum(counts.values()):
        return None
    value = f"are not in the grammar, such as {most}, and no preset knows them"
    return InputFinding("markers unread", what, value, "translate them with [[markers.translate]]")


def _counted(markers: Sequence[Marker], join: bool) -> Counter[str]:
    """Count the texts; of one moment of one stream they are one where `join` says so."""
    found: Counter[str] = Counter()
    streams: dict[str, JoinedMarkers] = {}
    for marker in markers:
        joined = streams.setdefault(marker.stream, JoinedMarkers(join))
        found.update(text.strip() for _, text in joined.push([(marker.time, marker.text)]))
    for joined in streams.values():
        found.update(text.strip() for _, text in joined.flush())
    return found


def _without_symbol(text: str, translator: Translator) -> str:
    """Return the start of a trial without the symbol that it names: each trial has its own."""
    event = translator.read(text)
    if not isinstance(event, TrialStart) or not event.symbol or event.symbol not in text:
        return text
    before, _, after = text.rpartition(event.symbol)
    return f"{before}…{after}"


def _meaning(translator: Translator, text: str) -> str:
    n_before = sum(translator.untranslated.values())
    event = translator.read(text)
    if event is not None:
        return _named(event)
    is_unread = sum(translator.untranslated.values()) > n_before
    return NOT_READ if is_unread else "left out knowingly"


def _named(event: Event) -> str:
    if isinstance(event, Flash):
        label = {True: "target", False: "nontarget", None: "label unknown"}[event.target]
        return f"flash, {label}"
    if isinstance(event, Cue):
        return f"cue, {event.label}"
    if isinstance(event, TrialStart):
        return "trial starts" + (", its symbol known" if event.symbol else "")
    if isinstance(event, TrialEnd):
        return "trial ends"
    return "note" if isinstance(event, AnyNote) else OTHERS[type(event)]
