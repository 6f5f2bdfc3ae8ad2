"""What a decoder keeps of a configuration, and what it gives back."""

import msgspec
import pytest

from bci_online.config import (
    Config,
    DecoderHeader,
    EegStream,
    EpochSpec,
    EvidenceSpec,
    FilterSpec,
    LayoutSpec,
    MarkerStream,
    Preprocessing,
    Presentation,
    Stopping,
    WindowSpec,
    given_back,
    kept,
    preprocessing_for,
)
from bci_online.config.kept import place_of
from bci_online.messages import StreamSpec
from bci_online.translation import TranslationRule

SPEC = StreamSpec(name="amp", sfreq=256.0, ch_names=("Cz", "Pz"), ch_types=("EEG", "EEG"))
# Nothing that a decoder keeps is at its default.
CONFIG = Config(
    paradigm="motor_imagery",
    eeg=EegStream(
        reference="average", max_bridge=0.2, counter="Pz", counter_modulus=512, counter_step=2
    ),
    markers=MarkerStream(
        translate=(TranslationRule("cue/left_hand", exact="1"),),
        channel="Code",
        channel_of_eeg="Trig1",
        mask=255,
        join=True,
        display_delay=0.02,
        amplifier_delay=0.03,
    ),
    filter=FilterSpec(l_freq=8.0, h_freq=30.0),
    epoch=EpochSpec(tmax=0.6),
    window=WindowSpec(length=1.0),
    evidence=EvidenceSpec(tmax=3.0),
    layout=LayoutSpec(rows=("AB", "CD"), codes={3: ("A", "B"), 4: ("B",)}),
    presentation=Presentation(repetitions=3),
    stopping=Stopping(max_repetitions=3),
)
# What says where a signal comes from, how epochs are trained on, or what only a session shows.
NOT_KEPT = {
    "": {
        "adaptation",
        "artefacts",
        "eeg",
        "imagery",
        "language",
        "live",
        "markers",
        "screen",
        "security",
        "simulation",
    },
    "eeg": {"name", "type", "hostname", "channels", "exclude", "rename", "source", "sfreq", "unit"},
    "markers": {
        "names",
        "types",
        "hostname",
        "clock",
        "preset",
    },
}
# What the stream says, and what training finds.
FOUND = {
    Preprocessing: {"ch_names", "sfreq", "unit", "scaled", "stream_reference", "amplifier"},
    DecoderHeader: {
        "format_version", "method", "kind", "classes", "preprocessing", "network", "evidence",
        "promise", "expected", "trained_on", "metrics", "versions", "held_out", "learning", "tried",
        "covariance",
    },
}  # fmt: skip
PLACES = {field: place for struct in FOUND for field, place in place_of(struct).items()}


def header_of(config: Config) -> DecoderHeader:
    preprocessing = preprocessing_for(config, SPEC)
    return DecoderHeader(method="lda", preprocessing=preprocessing, **kept(config, DecoderHeader))


def at(config: Config, place: tuple[str, ...]) -> object:
    value: object = config
    for name in place:
        value = getattr(value, name)
    return value


@pytest.mark.parametrize("table", NOT_KEPT)
def test_each_key_is_kept_by_decoders_or_said_here_not_to_be(table):
    struct = Config if not table else type(getattr(Config(), table))
    places = {place[-1] for place in PLACES.values() if (*place[:-1],) == (table,)[: bool(table)]}

    assert places | NOT_KEPT[table] == set(struct.__struct_fields__)
    assert not places & NOT_KEPT[table]


@pytest.mark.parametrize("struct", FOUND)
def test_each_field_of_a_decoder_is_a_configurations_or_said_here_to_be_found(struct):
    assert set(place_of(struct)) | FOUND[struct] == set(struct.__struct_fields__)
    assert not set(place_of(struct)) & FOUND[struct]


@pytest.mark.parametrize("field", PLACES)
def test_what_is_kept_is_given_back(field):
    header = header_of(CONFIG)
    place = PLACES[field]

    assert at(CONFIG, place) != at(Config(), place), "say another value than the default above"
    holder = header if field in DecoderHeader.__struct_fields__ else header.preprocessing
    assert getattr(holder, field) == at(CONFIG, place)
    assert at(given_back(Config(), header), place) == at(CONFIG, place)


def test_what_is_not_kept_stays_the_configurations():
    own = msgspec.structs.replace(Config(), eeg=EegStream(name="mine", exclude=("Fz",)))

    given = given_back(own, header_of(CONFIG), except_for=("stopping",))

    assert (given.eeg.name, given.eeg.exclude) == ("mine", ("Fz",))
    assert given.stopping == own.stopping
    assert given.eeg.counter == CONFIG.eeg.counter


def test_a_decoder_of_flashes_has_no_window_and_gives_none_back():
    header = header_of(msgspec.structs.replace(CONFIG, paradigm="p300", epoch=EpochSpec(step=0.01)))
    own = Config(window=WindowSpec(length=0.5))

    assert header.preprocessing.window is None
    assert given_back(own, header).window == own.window
