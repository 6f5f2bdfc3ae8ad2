"""What became of the stimuli of a recording that are not used, in words, and what helps."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from bci_online.counted import counted
from bci_online.input_findings import InputFinding

__all__ = ["MOST_REJECTED", "Cause", "causes_of", "costly", "letter_cut_off", "outside_letters"]

MOST_REJECTED = 0.05
"""A cause that costs a smaller share of the stimuli is a figure, and no finding."""

CAUSES = {
    "settling": (
        "the filter had not settled",
        "begin to record some seconds before the first {piece}",
    ),
    "out_of_ring": (
        "they lie at times without samples",
        "see that EEG and markers have one clock",
    ),
    "incomplete": (
        "no complete samples follow them",
        "see that every channel holds numbers (eeg.exclude leaves one out) and that the recording "
        "does not end before",
    ),
    "channel": ("a channel was dead or held no numbers then", "eeg.exclude leaves it out"),
    "artefact": ("they are too large", "see eeg.unit, and artefacts.k"),
    "not_finite": (
        "the decoder's score of them is no number",
        "mend the network's code, or train the decoder again",
    ),
    "unlabelled": (
        "no {piece} says whether it is a target",
        "translate the label, or let trial/start/<letter> and the layout say it",
    ),
}
LOST = "lost samples", "check the amplifier's connection"
STEPPED = (
    "a step of the stamps",
    "let nothing set the clock of the amplifier's computer during a recording",
)


class Cause(NamedTuple):
    """Why some stimuli are not used.

    Parameters
    ----------
    reason : str
        As in `bci_online.messages.epochs.Rejected`, or ``unlabelled``.
    n : int
        How many stimuli.
    why : str
        What the reason means.
    way_out : str
        What helps.

    See Also
    --------
    causes_of : Makes them.

    Examples
    --------
    >>> print(Cause("channel", 3, "a channel was dead", "eeg.exclude leaves it out").text)
    3 channel: a channel was dead; eeg.exclude leaves it out
    """

    reason: str
    n: int
    why: str
    way_out: str

    @property
    def text(self) -> str:
        """One line for a person."""
        return "; ".join(filter(None, (f"{self.n} {self.reason}: {self.why}", self.way_out)))


def causes_of(
    rejected: Mapping[str, int],
    piece: str,
    lost: int = 0,
    steps: int = 0,
    untranslated: Counter[str] | None = None,
) -> list[Cause]:
    """Return what each reason to reject stimuli means, and the way out.

    Parameters
    ----------
    rejected : mapping of str to int
        Stimuli that are not used, by reason.
    piece : str
        What is cut, such as ``flash``.
    lost : int
        How many samples are missing.
    steps : int
        How often the stamps stepped without a loss.
    untranslated : Counter, optional
        Markers that were not read.

    Returns
    -------
    causes : list of Cause
        In the same order. A loss and a step of the clock are told apart by `lost` and `steps`.

    See Also
    --------
    costly : Those that are findings.
    letter_cut_off, outside_letters : Other stimuli that are not used.

    Examples
    --------
    >>> for cause in causes_of({"gap": 9, "channel": 3}, "flash", lost=250):
    ...     print(cause.text)
    9 gap: they lie over lost samples; check the amplifier's connection
    3 channel: a channel was dead or held no numbers then; eeg.exclude leaves it out
    """
    found = []
    gaps = [one for one, is_there in ((LOST, lost), (STEPPED, steps)) if is_there]
    helps = ", and ".join(way_out for _, way_out in gaps)
    for reason, n in rejected.items():
        why, way_out = (text.format(piece=piece) for text in CAUSES.get(reason, ("", "")))
        if reason == "gap":
            over = " or over ".join(what for what, _ in gaps)
            why = f"they lie over {over}" if gaps else "their samples have no certain time"
            way_out = helps or "bci-online look shows the stamps"
        elif reason == "settling" and gaps:
            why += " since the recording began or since a gap"
            way_out += f", and {helps}"
        elif reason == "unlabelled" and untranslated:
            listed = ", ".join(
                f"{counted(n, 'time')} {text!r}" for text, n in untranslated.most_common(3)
            )
            way_out += f"; not read were {listed}"
            way_out += "; if they come with the flashes, markers.join or markers.preset reads both"
        if n:
            found.append(Cause(reason, n, why, way_out))
    return found


def costly(causes: Iterable[Cause], n_stimuli: int) -> list[InputFinding]:
    """Return the causes that cost more than a twentieth of the stimuli, as findings.

    Parameters
    ----------
    causes : iterable of Cause
        Of a recording.
    n_stimuli : int
        All stimuli, also those that are used.

    Returns
    -------
    findings : list of InputFinding
        One for each.

    See Also
    --------
    causes_of : All of them.

    Examples
    --------
    >>> [finding.what for finding in costly(causes_of({"gap": 9, "channel": 1}, "flash"), 100)]
    ['9 of 100 epochs']
    """
    return [
        InputFinding(
            "rejected",
            f"{one.n} of {n_stimuli} epochs",
            f"rejected ({one.reason}): {one.why or one.reason}",
            one.way_out,
        )
        for one in causes
        if one.n > MOST_REJECTED * n_stimuli
    ]


def letter_cut_off(number: int, truth: str, n_flashes: int) -> InputFinding:
    """Return the finding that a recording ends within a letter.

    Parameters
    ----------
    number : int
        Of the letter, from 1.
    truth : str
        What was to be spelled; empty if unknown.
    n_flashes : int
        How many of its flashes take part.

    Returns
    -------
    finding : InputFinding
        It costs little.

    See Also
    --------
    outside_letters : What the next recording begins with.

    Examples
    --------
    >>> print(letter_cut_off(3, "A", 40).text)
    letter 3 (A): the recording ends within it; its 40 flashes take part
    """
    value = f"the recording ends within it; its {n_flashes} flashes take part"
    return InputFinding("letter cut", f"letter {number} ({truth or '?'})", value)


def outside_letters(n_flashes: int) -> InputFinding:
    """Return the finding that flashes lie in no letter while others lie in one.

    Parameters
    ----------
    n_flashes : int
        How many.

    Returns
    -------
    finding : InputFinding
        It costs little.

    See Also
    --------
    letter_cut_off : A letter whose end is missing.

    Examples
    --------
    >>> print(outside_letters(48).what)
    48 flashes
    """
    value = "they lie in no letter and are left out: no trial/start came before them"
    return InputFinding("letter cut", counted(n_flashes, "flash", "flashes"), value)
