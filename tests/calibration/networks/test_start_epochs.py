"""Epochs of a new subject, cut as a network has learnt them."""

import msgspec
import pytest

from bci_online.config import (
    Config,
    DecoderHeader,
    EegStream,
    EpochSpec,
    FilterSpec,
    NetworkSpec,
    Preprocessing,
    WindowSpec,
    for_error_potentials,
)
from bci_online.errors import BciError
from calibration.networks.network_start import start_from
from calibration.networks.start_epochs import config_like, told_apart

NETWORK = NetworkSpec(name="eegnet", n_channels=4, n_times=80, n_classes=2)


def header() -> DecoderHeader:
    own = Preprocessing(
        ch_names=("C3", "Cz", "C4", "CPz"), sfreq=100.0, window=WindowSpec(0.8, 0.1, recentre=False)
    )
    return DecoderHeader(
        method="eegnet", paradigm="motor_imagery", classes=("left_hand", "right_hand"),
        preprocessing=own, network=NETWORK, kind="network",
    )  # fmt: skip


def test_epochs_are_cut_as_the_network_has_them() -> None:
    config = Config(paradigm="motor_imagery", filter=FilterSpec(l_freq=8.0, h_freq=30.0))

    like, notes = config_like("group.decoder", header(), config)

    own = header().preprocessing
    assert (like.eeg.channels, like.filter) == (own.ch_names, own.filter)
    assert (like.window.length, like.window.step) == (own.window.length, config.window.step)
    assert notes[1:] == ("group.decoder: its filter and window in place of the configuration's",)
    with pytest.raises(BciError, match="is for paradigm 'motor_imagery', the configuration's is"):
        config_like("group.decoder", header(), Config())


@pytest.mark.parametrize(
    ("stated", "its"),
    [
        (EegStream(), ""),
        (EegStream(channels=("CPz", "T8", "C3", "Cz")), ""),
        (EegStream(channels=("EEG CPz-A1", "T4", "c3", "CZ."), exclude=("M1",)), ""),
        (EegStream(channels=("C3", "Cz", "T8", "CPz", "Oz"), exclude=("OZ",)), ""),
        (EegStream(channels=("C3", "Oz")), "channels"),
        (EegStream(exclude=("CZ",)), "channels"),
        (EegStream(reference="average"), "reference"),
        (EegStream(channels=("C3",), reference="average"), "channels and reference"),
    ],
)
def test_what_of_the_configuration_the_network_overrules_is_told(stated, its) -> None:
    own = msgspec.structs.replace(header().preprocessing, ch_names=("C3", "Cz", "T8", "CPz"))
    known = msgspec.structs.replace(header(), preprocessing=own)
    config = Config(paradigm="motor_imagery", filter=own.filter, eeg=stated)
    config = msgspec.structs.replace(config, window=own.window)

    like, notes = config_like("group.decoder", known, config)

    assert like.eeg.reference == "recorded"
    told = f"group.decoder: its {its} in place of the configuration's"
    assert notes[1:] == ((told,) if its else ())


def test_where_a_network_comes_from_is_said() -> None:
    known = msgspec.structs.replace(header(), trained_on=((8, "ab"), (9, "cd")))
    config = Config(paradigm="motor_imagery")

    _, (said, *_) = config_like("group.decoder", known, config)
    _, (unsaid, *_) = config_like("group.decoder", header(), config)

    one = msgspec.structs.replace(known, trained_on=known.trained_on[:1])
    _, (alone, *_) = config_like("group.decoder", one, config)

    assert said.startswith(f"group.decoder: {header().method}; has learnt from 2 recordings")
    assert alone.endswith("has learnt from 1 recording, or subject of a public set")
    assert "does not say what it has learnt from" in unsaid


def test_epochs_that_no_configuration_can_have_are_one_line() -> None:
    few = Preprocessing(ch_names=("Cz",), sfreq=100.0, epoch=EpochSpec(tmax=0.6, step=0.3))

    with pytest.raises(BciError, match=r"--from old: its epochs .*h_freq=8 Hz must be at most"):
        config_like("old", DecoderHeader(method="eegnet", preprocessing=few), Config())


def test_a_network_of_letters_does_not_go_on_with_answers() -> None:
    own = Preprocessing(ch_names=("Cz",), sfreq=100.0)
    flashes = DecoderHeader(method="eegnet", preprocessing=own)

    with pytest.raises(BciError, match=r"learnt what follows a flash, asked for .* a feedback"):
        config_like("old", flashes, for_error_potentials(Config()))


@pytest.mark.parametrize(
    ("scaling", "own", "told"),
    [
        ("channel", {}, ()),
        # Every channel is divided by its own spread: the unit does not matter.
        ("channel", {"unit": "microvolts"}, ()),
        ("channel", {"stream_reference": "A1"}, ("reference is A1, was not stated",)),
        ("channel", {"amplifier": "new"}, ("amplifier is new, was not stated",)),
        ("microvolts", {}, ("scaling is microvolts, was channel",)),
    ],
)
def test_what_differs_in_the_recordings_is_told(scaling, own, told) -> None:
    start = start_from("group", header(), {})
    new = header()
    new = msgspec.structs.replace(
        new,
        preprocessing=msgspec.structs.replace(new.preprocessing, **own),
        network=msgspec.structs.replace(NETWORK, scaling=scaling),
    )

    assert told_apart(start, new) == tuple(f"group: {text}" for text in told)


def test_another_unit_is_told_where_nothing_is_divided() -> None:
    as_is = msgspec.structs.replace(NETWORK, scaling="microvolts")
    known = msgspec.structs.replace(header(), network=as_is)
    start = start_from("group", known, {})
    new = msgspec.structs.replace(known.preprocessing, unit="microvolts")

    (told,) = told_apart(start, msgspec.structs.replace(known, preprocessing=new))

    assert told.startswith("group: unit is microvolts, was unknown")
    # A pool is cut for the new subject, in its own numbers.
    pool = msgspec.structs.replace(start, preprocessing=None)
    assert told_apart(pool, msgspec.structs.replace(known, preprocessing=new)) == ()
