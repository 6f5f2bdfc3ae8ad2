"""Markers of one moment as one, and the presets that need it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import AMPLIFIER, EVENTS, read, written

from bci_online.acquisition.joined_markers import JoinedMarkers
from bci_online.acquisition.xdf.writer import XdfStream
from bci_online.config import Config, DecoderHeader, MarkerStream, kept
from bci_online.marker_presets import preset_rules
from bci_online.markers import Flash, TrialEnd, TrialStart
from bci_online.translation import TranslationRule, Translator

SAID = [(1.0, "a"), (1.0, "b"), (1.001, "c"), (1.2, "d"), (2.0, "e"), (2.0, "f"), (1.5, "g")]
JOINED = [(1.0, "a b c"), (1.2, "d"), (2.0, "e f"), (1.5, "g")]


@given(cuts=st.lists(st.integers(0, len(SAID)), max_size=5).map(sorted))
def test_texts_of_one_moment_become_one_however_they_are_cut(cuts):
    joined, found = JoinedMarkers(join=True), []

    for start, stop in zip([0, *cuts], [*cuts, len(SAID)], strict=True):
        found += joined.push(SAID[start:stop])

    assert found + joined.flush() == JOINED
    assert not joined.holds_back


def test_without_join_nothing_is_held_back():
    joined = JoinedMarkers(join=False)

    assert joined.push(SAID) == SAID
    assert not joined.holds_back


@pytest.mark.parametrize("order", [1, -1])
def test_openvibes_code_and_label_make_one_labelled_flash(tmp_path, order):
    codes = [(1002.0, (0x8101, 0x8206)), (1002.2, (0x810C, 0x8205))]
    numbers = [(time, code) for time, both in codes for code in both[::order]]
    numbers = [(1001.0, 0x8005), *numbers, (1003.0, 0x8006)]
    stamps, values = zip(*numbers, strict=True)
    stream = XdfStream("ov", "Markers", 0.0, stamps, np.array(values, np.int32)[:, np.newaxis])
    markers = MarkerStream(preset="openvibe-p300")

    readings = read(written(tmp_path, AMPLIFIER, stream), markers=markers)

    translator = Translator(markers.translate)
    found = [translator.read(one.text) for reading in readings for one in reading.markers]
    assert found[1:3] == [Flash(1, False), Flash(12, True)]
    assert isinstance(found[0], TrialStart)
    assert isinstance(found[3], TrialEnd)


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("p300,s,12,0,0", Flash(1, True)),
        ("p300,s,12,3,11", Flash(12, False)),
        ("p300,s,12,-1,4", Flash(5, None)),
        ("p300,s,12,1,11", Flash(12, False)),
    ],
)
def test_bci_essentials_counts_from_0(text, event):
    assert Translator(preset_rules("bci-essentials")).read(text) == event


def test_a_configurations_own_rules_come_first_and_decoders_keep_all():
    own = TranslationRule("flash/7/target", number=33025)
    markers = MarkerStream(preset="openvibe-p300", translate=(own,))

    assert markers.translate == (own, *preset_rules("openvibe-p300"))
    assert replace_again(markers).translate == markers.translate
    assert kept(Config(markers=markers), DecoderHeader)["translate"] == markers.translate


def replace_again(markers: MarkerStream) -> MarkerStream:
    import msgspec

    return msgspec.structs.replace(markers, display_delay=0.1)


def test_texts_of_several_channels_are_joined_too(tmp_path):
    events = replace(EVENTS, stamps=[1001.0, 1002.0], data=[["flash", "7"], ["flash", "8"]])

    readings = read(written(tmp_path, AMPLIFIER, events), markers=MarkerStream(join=True))

    found = [marker.text for reading in readings for marker in reading.markers]
    assert found == ["flash 7", "flash 8"]
