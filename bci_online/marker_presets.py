"""Translations of the markers of well-known programs, by name."""

from typing import Literal

from bci_online.translation import TranslationRule

__all__ = ["JOINED", "PresetName", "preset_rules"]

PresetName = Literal["none", "openvibe-p300", "bci-essentials"]
"""``none``: only the table of the configuration."""

JOINED = ("openvibe-p300",)
"""Presets of programs that send a code and its label as two markers of one moment."""

MOST_CODES = 36
# OpenVIBE's stimulation identifiers: OVTK_StimulationId_Label_00, Target, NonTarget, TrialStart and
# TrialStop (http://openvibe.inria.fr/stimulation-codes/).
LABEL_0, TARGET, NONTARGET = 0x8100, 0x8205, 0x8206
TRIAL_START, TRIAL_STOP = 0x8005, 0x8006


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
    bci_online.translation.Translator : Applies them.

    Examples
    --------
    >>> from bci_online.translation import Translator
    >>> Translator(preset_rules("openvibe-p300")).read("33027 33285")
    Flash(code=3, target=True)
    >>> Translator(preset_rules("bci-essentials")).read("p300,s,12,4,2")  # counts from 0
    Flash(code=3, target=False)
    """
    if name == "openvibe-p300":
        return _openvibe()
    return _bci_essentials() if name == "bci-essentials" else ()


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
        ]
    return tuple(rules)
