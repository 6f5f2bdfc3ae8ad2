"""Translations of the markers of well-known programs, by name."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Literal, NamedTuple, get_args

from bci_online.markers import Cue, Flash
from bci_online.translation import TranslationRule, Translator

__all__ = ["JOINED", "MOST_UNREAD", "PresetName", "best_preset", "preset_rules"]

PresetName = Literal[
    "none",
    "openvibe-p300",
    "bci-essentials",
    "bci2000",
    "psychopy-json",
    "comma-list",
    "code-and-label",
    "muse-oddball",
    "gdf-imagery",
]
"""``none``: only the table of the configuration."""

JOINED = ("openvibe-p300", "bci2000", "code-and-label")
"""Presets of programs that send a code and its label as two markers of one moment."""

MOST_CODES = 36
# OpenVIBE's stimulation identifiers: OVTK_StimulationId_Label_00, Target, NonTarget, TrialStart and
# TrialStop (http://openvibe.inria.fr/stimulation-codes/).
LABEL_0, TARGET, NONTARGET = 0x8100, 0x8205, 0x8206
TRIAL_START, TRIAL_STOP = 0x8005, 0x8006

# Words for a label, in any case, and also as a number.
YES = "(?i:target|t|true|1)"
NO = "(?i:non-?target|standard|n|nt|false|0)"
# Keys that programs give to a code and to its label.
CODE_KEY = '"(?i:code|flash|stim|stimulus|item|group|index)"'
LABEL_KEY = '"(?i:target|is_?target|label|condition)"'
SAYS = r"\s*:\s*"

FEWEST = 5
"""Stimuli that a preset must read to be a fit."""

MOST_UNREAD = 0.5
"""Share of the markers that a preset that fits may not know."""


@cache
def preset_rules(name: PresetName) -> tuple[TranslationRule, ...]:
    """Return the rules of a preset.

    Parameters
    ----------
    name : str
        One of `PresetName`.

    Returns
    -------
    rules : tuple of TranslationRule
        They come after those of the configuration.

    See Also
    --------
    best_preset : The preset that reads most of a recording's markers.
    bci_online.translation.Translator : Applies them.

    Examples
    --------
    >>> Translator(preset_rules("openvibe-p300")).read("33027 33285")
    Flash(code=3, target=True)
    >>> Translator(preset_rules("bci-essentials")).read("p300,s,12,4,2")  # counts from 0
    Flash(code=3, target=False)
    >>> Translator(preset_rules("bci-essentials")).read("p300,m,12,4,1,4,7").objects
    (1, 4, 7)
    >>> Translator(preset_rules("psychopy-json")).read('{"code": 3, "target": true}')
    Flash(code=3, target=True)
    """
    return _RULES[name]()


def best_preset(
    texts: Mapping[str, int],
    joined: Mapping[str, int],
    rules: tuple[TranslationRule, ...] = (),
) -> tuple[PresetName, int] | None:
    """Return the preset that reads stimuli with labels where the rules alone do not.

    Parameters
    ----------
    texts, joined : mapping of str to int
        How often each marker came, one by one, and with markers of one moment joined.
    rules : tuple of TranslationRule
        Of the configuration; they come first.

    Returns
    -------
    fit : tuple of (str, int) or None
        Only a preset that knows most of the markers, and whose targets are the rarer ones. Of
        presets that read as many stimuli it is the one that comes first in `PresetName`.

    See Also
    --------
    preset_rules : Its rules.

    Examples
    --------
    >>> best_preset({"p300,s,12,4,2": 40, "p300,s,12,4,4": 8}, {})
    ('bci-essentials', 48)
    """
    best, most = None, _read(texts, rules).stimuli
    if min(most) >= FEWEST:
        # They are read, with their labels; what else there is means something else.
        return None
    for name in get_args(PresetName):
        of = joined if name in JOINED else texts
        read = _read(of, (*rules, *preset_rules(name)))
        is_known = read.n_unread <= MOST_UNREAD * sum(of.values())
        is_known &= read.n_targets <= read.stimuli[0] / 2
        if is_known and max(read.stimuli) >= FEWEST and read.stimuli > most:
            best, most = name, read.stimuli
    return None if best is None else (best, max(most))


class _Read(NamedTuple):
    """How many stimuli have a label, and how many there are at all; targets; unread markers."""

    stimuli: tuple[int, int]
    n_targets: int
    n_unread: int


def _read(texts: Mapping[str, int], rules: tuple[TranslationRule, ...]) -> _Read:
    n_labelled = n_stimuli = n_targets = n_unread = 0
    for text, n in texts.items():
        translator = Translator(rules)
        event = translator.read(text)
        n_stimuli += n * isinstance(event, Flash | Cue)
        has_label = isinstance(event, Cue) or getattr(event, "target", None) is not None
        n_labelled += n * (isinstance(event, Flash | Cue) and has_label)
        n_targets += n * (getattr(event, "target", None) is True)
        n_unread += n * len(translator.untranslated)
    return _Read((n_labelled, n_stimuli), n_targets, n_unread)


def _openvibe() -> tuple[TranslationRule, ...]:
    rules = [
        TranslationRule("trial/start", number=TRIAL_START),
        TranslationRule("trial/end", number=TRIAL_STOP),
    ]
    for code in range(1, MOST_CODES + 1):
        label = LABEL_0 + code
        for kind, word in ((TARGET, "target"), (NONTARGET, "nontarget")):
            either = f"{label} {kind}|{kind} {label}"
            rules.append(TranslationRule(f"flash/{code}/{word}", regex=either))
        rules.append(TranslationRule(f"flash/{code}/unknown", number=label))
    return tuple(rules)


def _bci_essentials() -> tuple[TranslationRule, ...]:
    rules = [
        TranslationRule("trial/start", exact="Trial Started"),
        TranslationRule("trial/end", exact="Trial Ends"),
    ]
    for code in range(1, MOST_CODES + 1):
        # "p300,s,objects,target,flashed"; a target of -1 is unknown.
        flashed = code - 1
        rules += [
            TranslationRule(f"flash/{code}/target", regex=rf"p300,s,\d+,{flashed},{flashed}"),
            TranslationRule(f"flash/{code}/unknown", regex=rf"p300,s,\d+,-1,{flashed}"),
            TranslationRule(f"flash/{code}/nontarget", regex=rf"p300,s,\d+,\d+,{flashed}"),
            # "p300,m,objects,target,flashed,flashed,...": any objects together.
            TranslationRule(
                r"flash/[\1]/target",
                regex=rf"p300,m,\d+,{flashed},((?:\d+,)*{flashed}(?:,\d+)*)",
            ),
        ]
    several = r"(\d+(?:,\d+)*)"
    rules.append(TranslationRule(r"flash/[\1]/unknown", regex=rf"p300,m,\d+,-1,{several}"))
    rules.append(TranslationRule(r"flash/[\1]/nontarget", regex=rf"p300,m,\d+,\d+,{several}"))
    return tuple(rules)


def _bci2000() -> tuple[TranslationRule, ...]:
    # Changes of states (https://www.bci2000.org/mediawiki/index.php/User_Reference:P300SpellerTask):
    # StimulusType becomes 1 with the StimulusCode of a target, and says nothing for the others.
    code, kind = r"StimulusCode[ :=/]+([1-9]\d*)", r"StimulusType[ :=/]+"
    return (
        TranslationRule(r"flash/\1/target", regex=rf"{code} {kind}1"),
        TranslationRule(r"flash/\1/target", regex=rf"{kind}1 {code}"),
        TranslationRule(r"flash/\1/nontarget", regex=rf"{code}(?: {kind}0)?"),
        TranslationRule(r"flash/\1/nontarget", regex=rf"{kind}0 {code}"),
        TranslationRule("trial/start", regex=r"PhaseInSequence[ :=/]+1"),
        TranslationRule("trial/end", regex=r"PhaseInSequence[ :=/]+3"),
        TranslationRule("", regex=r"(?:Stimulus(?:Code|Type|Begin)|PhaseInSequence)[ :=/]+\d+.*"),
    )


def _json() -> tuple[TranslationRule, ...]:
    code, begin, end = rf'{CODE_KEY}{SAYS}"?(\d+)"?', r"\s*\{.*", r".*\}\s*"
    what = rf'"(?i:event|type|name|marker)"{SAYS}"'
    rules = []
    for label, word in (("target", YES), ("nontarget", NO)):
        says = rf'{LABEL_KEY}{SAYS}"?{word}"?\b'
        both = rf"{begin}(?:{code}\b.*{says}|{says}.*{code}\b){end}"
        rules.append(TranslationRule(rf"flash/\1\2/{label}", regex=both))
    letter = rf'"(?i:letter|symbol|target)"{SAYS}"([^"/]+)"'
    start, stop = f'{what}(?i:trial[_ -]?start)"', f'{what}(?i:trial[_ -]?(?:end|stop))"'
    return (
        TranslationRule(r"trial/start/\1", regex=rf"{begin}{start}.*{letter}{end}"),
        TranslationRule("trial/start", regex=rf"{begin}{start}{end}"),
        TranslationRule("trial/end", regex=rf"{begin}{stop}{end}"),
        *rules,
        TranslationRule(r"flash/\1/unknown", regex=rf"{begin}{code}\b{end}"),
    )


def _comma_list() -> tuple[TranslationRule, ...]:
    # "flash,3,target", "s,3,1": a word, the code, the label.
    code = r"(?:[A-Za-z][\w ]*, *)?(\d+), *"
    return (
        TranslationRule(r"flash/\1/target", regex=f"{code}{YES}"),
        TranslationRule(r"flash/\1/nontarget", regex=f"{code}{NO}"),
    )


def _code_and_label() -> tuple[TranslationRule, ...]:
    # Two channels of text, or two markers of one moment. Labels as numbers could be codes, too.
    words = (("target", "(?i:target)"), ("nontarget", "(?i:non-?target|standard)"))
    return tuple(
        TranslationRule(rf"flash/\1\2/{label}", regex=rf"(?:(\d+) {word}|{word} (\d+))")
        for label, word in words
    )


def _muse_oddball() -> tuple[TranslationRule, ...]:
    # muse-lsl's stimuli: 1 is the frequent picture, 2 the rare one.
    return (
        TranslationRule("flash/1/nontarget", number=1),
        TranslationRule("flash/2/target", number=2),
        TranslationRule("", number=0),
    )


def _gdf_imagery() -> tuple[TranslationRule, ...]:
    # Event codes of GDF 2.0 (Schlögl 2006, arXiv:cs/0608052).
    cues = {769: "left_hand", 770: "right_hand", 771: "feet", 772: "tongue"}
    return (
        TranslationRule("trial/start", number=768),
        *(TranslationRule(f"cue/{label}", number=code) for code, label in cues.items()),
        TranslationRule("feedback/start", number=781),
        TranslationRule("trial/end", number=800),
    )


_RULES: dict[str, Callable[[], tuple[TranslationRule, ...]]] = {
    "none": tuple,
    "openvibe-p300": _openvibe,
    "bci-essentials": _bci_essentials,
    "bci2000": _bci2000,
    "psychopy-json": _json,
    "comma-list": _comma_list,
    "code-and-label": _code_and_label,
    "muse-oddball": _muse_oddball,
    "gdf-imagery": _gdf_imagery,
}
