"""Two electrodes that are one, and signals that are cut off, are named; sound ones are not."""

from xml.etree import ElementTree

import numpy as np
import pytest

from bci_online.acquisition.channel_description import stream_spec
from bci_online.acquisition.odd_channels import OddChannels
from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.stream_survey import surveyed
from bci_online.config import EegStream
from bci_online.messages import StreamSpec

NAMES = ("Fz", "Cz", "Pz", "P3", "P4", "Oz")
SFREQ, N_SECONDS = 250, 12


def signal() -> np.ndarray:
    """Return microvolts of channels that share half of their signal, with an offset."""
    rng, n = np.random.default_rng(0), SFREQ * N_SECONDS
    return 4000 + 7 * (rng.normal(size=(n, 1)) + rng.normal(size=(n, len(NAMES))))


def found(data: np.ndarray) -> list[str]:
    odd = OddChannels(NAMES)
    for second in np.split(data, len(data) // SFREQ):
        odd.push(second)
    return [f"{finding.kind}: {finding.what}" for finding in odd.findings(NAMES)]


def with_gel_between(noise_uv: float) -> np.ndarray:
    data = signal()
    data[:, 3:5] = data[:, 3:5].mean(axis=1, keepdims=True)
    return data + noise_uv * np.random.default_rng(1).normal(size=data.shape)


def with_mains_on_all() -> np.ndarray:
    data = signal()
    return data + 3000 * np.sin(0.4 * np.pi * np.arange(len(data)))[:, np.newaxis]


def cut_off(largest: float) -> np.ndarray:
    data = signal()
    data[:, 2] = np.minimum(data[:, 2], 4000 + largest)
    return data


def in_coarse_steps() -> np.ndarray:
    """Return slow signals in whole steps, 200 of them, as an amplifier of few bits sends."""
    walks = np.cumsum(np.random.default_rng(2).normal(size=(SFREQ * N_SECONDS, 6)), axis=0)
    means = np.apply_along_axis(np.convolve, 0, walks, np.full(SFREQ, 1 / SFREQ), "same")
    return np.round(4 * (walks - means))


def ended_by_zeros() -> np.ndarray:
    data = signal()
    data[8 * SFREQ + 150 :] = 5000.0
    return data[: 9 * SFREQ] - 5000.0


def beside_damage(damage: float) -> np.ndarray:
    data = with_gel_between(0.1)
    data[::SFREQ, 0] = damage
    return data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (signal(), []),
        (with_gel_between(0.1), ["alike: channels P3 = P4"]),
        (beside_damage(np.nan), ["alike: channels P3 = P4"]),
        (beside_damage(1e300), ["alike: channels P3 = P4"]),
        (with_gel_between(2.0), []),
        (np.repeat(signal()[:, :1], 6, axis=1), ["alike: channels Fz = Cz = Pz = P3 = P4 = Oz"]),
        (with_mains_on_all(), []),
        (cut_off(15.0), ["size: channel Pz"]),
        (-cut_off(15.0), ["size: channel Pz"]),
        (cut_off(40.0), []),
        (np.round(signal() / 10), []),
        (in_coarse_steps(), []),
        (ended_by_zeros(), []),
        (np.where(signal() > 4030, np.nan, signal()), []),
        (np.zeros((SFREQ * N_SECONDS, 6)), []),
    ],
)
def test_the_same_signal_twice_and_a_signal_that_is_cut_off_are_named(data, said):
    assert found(data) == said


def test_before_the_first_second_nothing_is_odd():
    assert OddChannels(NAMES).findings(NAMES) == []


def test_a_survey_says_so_of_the_channels_that_take_part():
    spec = StreamSpec(
        name="amp", sfreq=250.0, ch_names=NAMES, ch_types=("EEG",) * 6, unit="microvolts"
    )
    seconds, stamps = np.split(with_gel_between(0.1), N_SECONDS), np.arange(3000) / 250

    _, both = surveyed(spec, EegStream(), seconds, stamps)
    _, one = surveyed(spec, EegStream(exclude=("P4",)), seconds, stamps)

    assert [finding.what for finding in both] == ["channels P3 = P4"]
    assert one == []


def test_labels_that_several_channels_have_are_named_until_they_are_renamed():
    described = "<channel><label>{}</label><type>{}</type></channel>"
    labels = [("Fz", "EEG"), ("P3", "EEG"), ("P3", "EEG"), ("hand", "EMG"), ("hand", "EMG")]
    channels = "".join(described.format(*one) for one in labels)
    description = ElementTree.fromstring(f"<desc><channels>{channels}</channels></desc>")
    header = StreamHeader(
        1, "amp", "EEG", "", len(labels), 250.0, "float32", description, whole=True
    )

    def said(eeg: EegStream) -> list[str]:
        return [finding.text for finding in stream_spec(header, eeg).findings]

    assert said(EegStream()) == [
        "stream 'amp': several channels have one label, so the others are called P3-2; correct "
        "the sender, or say with eeg.rename which sensors they are"
    ]
    assert said(EegStream(rename={"P3-2": "P4"})) == []
    assert said(EegStream(exclude=("P3-2",))) == []
