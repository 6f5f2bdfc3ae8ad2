"""Each preset reads the markers of its program, and is found by them."""

from collections import Counter

import pytest

from bci_online.marker_presets import best_preset, preset_rules
from bci_online.markers import Cue, Feedback, Flash, TrialEnd, TrialStart
from bci_online.translation import Translator

READ = {
    "bci-essentials": {
        "p300,s,12,4,2": Flash(3, False),
        "p300,s,12,4,4": Flash(5, True),
        "p300,s,12,-1,4": Flash(5, None),
        # Several objects at once: 14 is not 4, and 1 among 11 and 21 is not there.
        "p300,m,36,4,14,4,24": Flash.of_objects((4, 14, 24), True),
        "p300,m,36,4,14,24,34": Flash.of_objects((14, 24, 34), False),
        "p300,m,36,1,11,21,31": Flash.of_objects((11, 21, 31), False),
        "p300,m,36,0,0,7": Flash.of_objects((0, 7), True),
        "p300,m,36,-1,0,7": Flash.of_objects((0, 7)),
        "Trial Started": TrialStart(None, ""),
        "Trial Ends": TrialEnd(None),
    },
    "bci2000": {
        "StimulusCode 3 StimulusType 1": Flash(3, True),
        "StimulusType/1 StimulusCode/4": Flash(4, True),
        "StimulusCode 12": Flash(12, False),
        "StimulusCode 0 StimulusType 0": None,
        "PhaseInSequence 1": TrialStart(None, ""),
        "PhaseInSequence 3": TrialEnd(None),
    },
    "psychopy-json": {
        '{"event": "flash", "code": 3, "target": true}': Flash(3, True),
        '{"is_target": 0, "stimulus": "12", "t": 8.25}': Flash(12, False),
        '{"code": 5, "label": "nontarget"}': Flash(5, False),
        '{"code": 5}': Flash(5, None),
        '{"event": "trial_start", "letter": "B"}': TrialStart(None, "B"),
        '{"type": "trial_end"}': TrialEnd(None),
    },
    "comma-list": {
        "s,12,n": Flash(12, False),
        "Flash, 3, Target": Flash(3, True),
        "3,0": Flash(3, False),
    },
    "code-and-label": {"3 target": Flash(3, True), "Non-Target 11": Flash(11, False)},
    "muse-oddball": {"1": Flash(1, False), "2.0": Flash(2, True), "0": None},
    "gdf-imagery": {
        "768": TrialStart(None, ""),
        "769": Cue("left_hand"),
        "770.0": Cue("right_hand"),
        "781": Feedback("start"),
        "800": TrialEnd(None),
    },
}


@pytest.mark.parametrize(
    ("preset", "text", "event"),
    [(preset, text, event) for preset, read in READ.items() for text, event in read.items()],
)
def test_a_preset_reads_the_markers_of_its_program(preset, text, event):
    translator = Translator(preset_rules(preset))

    assert translator.read(text) == event
    assert not translator.untranslated


@pytest.mark.parametrize("preset", READ)
def test_a_preset_is_found_by_the_markers_of_its_program(preset):
    read = READ[preset].items()
    texts = Counter({text: 10 if getattr(event, "target", None) else 50 for text, event in read})

    found = best_preset(texts, texts)

    assert found is not None
    assert found[0] == preset


@pytest.mark.parametrize(
    "texts",
    [
        # Numbers beside flashes that are read already, and codes that only look like an oddball's.
        {"flash/3/target": 40, "flash/4/nontarget": 200, "1": 100, "2": 20},
        {"1111": 60, "1": 20, "2": 20, "3": 20, "9": 60},
        {"StimulusCode 3": 4},
        # Of an oddball the targets are the rare ones.
        {"1": 20, "2": 100},
    ],
)
def test_no_preset_is_found_where_none_is_certain(texts):
    assert best_preset(texts, texts) is None
