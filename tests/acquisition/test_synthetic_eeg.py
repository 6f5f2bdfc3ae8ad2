import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.signal import welch

from bci_online.acquisition.synthetic_eeg import SyntheticEEG
from bci_online.config import Simulation
from bci_online.errors import ConfigError

FEW = Simulation(ch_names=("Fz", "C3", "C4", "Pz", "PO7"), sfreq=128.0)
SILENT = Simulation(
    noise_uv=0, alpha_uv=0, mu_uv=0, line_uv=0, blinks_per_min=0, offset_mv=0, latency_jitter_s=0,
    amplitude_jitter=0,
)  # fmt: skip


def busy(simulation: Simulation) -> SyntheticEEG:
    """A subject who sees flashes, blinks and imagines a movement within 4 s."""
    eeg = SyntheticEEG(simulation)
    for time in np.arange(0.3, 3.5, 0.175):
        eeg.flash(time, attended=time > 2)
    eeg.imagine("left_hand", 0.5)
    eeg.rest(2.7)
    return eeg


def power(signal, sfreq: float, low: float, high: float):
    freqs, density = welch(signal, sfreq, nperseg=int(4 * sfreq), axis=0)
    return density[(freqs >= low) & (freqs < high)].mean(axis=0)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 512), max_size=8).map(sorted))
def test_the_signal_does_not_depend_on_how_it_is_cut(cuts):
    whole = busy(FEW).take(512)
    eeg = busy(FEW)

    parts = [eeg.take(stop - start) for start, stop in zip([0, *cuts], [*cuts, 512], strict=True)]

    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-9, rtol=0)


def test_one_sample_at_a_time_gives_the_same_signal():
    eeg = busy(FEW)

    single = np.concatenate([eeg.take(1) for _ in range(512)])

    np.testing.assert_allclose(single, busy(FEW).take(512), atol=1e-9, rtol=0)
    assert eeg.n_taken == 512


def test_a_channel_does_not_depend_on_which_others_there_are():
    alone = busy(replace(FEW, ch_names=("Pz",))).take(512)

    together = busy(FEW).take(512)

    np.testing.assert_allclose(alone[:, 0], together[:, 3], atol=1e-9, rtol=0)


def test_the_seed_decides_the_signal():
    first, again = busy(FEW).take(300), busy(FEW).take(300)
    other = busy(replace(FEW, seed=2)).take(300)

    np.testing.assert_array_equal(first, again)
    assert abs(np.corrcoef(first[:, 0], other[:, 0])[0, 1]) < 0.9


@pytest.mark.slow
def test_background_has_the_amplitude_asked_for_and_falls_by_ten_decibels_a_decade():
    simulation = replace(
        Simulation(), noise_uv=10.0, alpha_uv=0, mu_uv=0, line_uv=0, blinks_per_min=0, offset_mv=0
    )

    signal = SyntheticEEG(simulation).take(300 * 250)

    assert signal.std(axis=0) == pytest.approx(np.full(16, 10.0), rel=0.15)
    fall = power(signal, 250.0, 2, 4) / power(signal, 250.0, 20, 40)
    assert np.mean(10 * np.log10(fall)) == pytest.approx(10, abs=1.5)


def test_neighbours_share_more_of_the_background_than_distant_channels():
    simulation = replace(Simulation(), alpha_uv=0, mu_uv=0, line_uv=0, blinks_per_min=0)

    signal = SyntheticEEG(simulation).take(120 * 250)

    names = simulation.ch_names
    shared = np.corrcoef(np.diff(signal, axis=0).T)[names.index("CP3")]
    assert shared[names.index("C3")] > 0.6 > shared[names.index("Fz")] > shared[names.index("PO8")]


def test_alpha_is_posterior_and_line_noise_is_at_its_frequency():
    simulation = replace(Simulation(), noise_uv=1.0, mu_uv=0, line_hz=60.0)

    signal = SyntheticEEG(simulation).take(120 * 250)

    alpha = power(signal, 250.0, 9, 11)
    names = simulation.ch_names
    assert alpha[names.index("Oz")] > 4 * alpha[names.index("Cz")]
    assert np.all(power(signal, 250.0, 59.5, 60.5) > 20 * power(signal, 250.0, 49, 51))


def test_alpha_waxes_and_wanes():
    simulation = replace(SILENT, alpha_uv=10.0, ch_names=("Oz",))

    signal = SyntheticEEG(simulation).take(120 * 250)

    seconds = signal.reshape(120, 250).std(axis=1)
    assert np.percentile(seconds, 90) > 2 * np.percentile(seconds, 10)


def test_blinks_are_frontal_and_as_frequent_as_asked_for():
    simulation = replace(SILENT, blinks_per_min=20.0, ch_names=("Fpz", "Oz"))

    signal = SyntheticEEG(simulation).take(300 * 250)

    high = signal[:, 0] > 30
    assert np.count_nonzero(np.diff(high.astype(int)) == 1) == pytest.approx(100, abs=30)
    assert signal[:, 1].max() < 10


def test_electrode_offsets_differ_stay_within_the_limit_and_drift_slowly():
    signal = SyntheticEEG(replace(SILENT, offset_mv=5.0)).take(60 * 250)

    level = signal.mean(axis=0)
    assert np.all(abs(level) <= 5200)
    assert level.std() > 1000
    drift = signal[-250:].mean(axis=0) - signal[:250].mean(axis=0)
    assert 5 < abs(drift).mean() < 200


def response(simulation: Simulation, attended: bool):
    """The mean response (n_times, n_channels) to one flash, without anything else."""
    eeg = SyntheticEEG(simulation)
    eeg.flash(1.0, attended)
    return eeg.take(500)[250:] - SyntheticEEG(simulation).take(500)[250:]


def test_an_attended_flash_gives_a_centroparietal_wave_at_its_latency():
    model = replace(SILENT, p300_uv=8.0, p300_latency_s=0.4, vep_uv=0)

    wave = response(model, attended=True)

    peak = dict(zip(model.ch_names, wave.max(axis=0), strict=True))
    assert peak["Pz"] == pytest.approx(8, rel=0.1)
    assert peak["Pz"] > peak["Cz"] > peak["Fz"]
    assert np.argmax(wave[:, model.ch_names.index("Pz")]) == pytest.approx(0.4 * 250, abs=1)
    assert np.all(abs(wave[:5]) < 0.1)


def test_an_unattended_flash_gives_only_the_visual_response_and_a_smaller_one():
    model = replace(SILENT, p300_uv=0, vep_uv=4.0)

    seen, attended = response(model, attended=False), response(model, attended=True)

    negative = dict(zip(model.ch_names, -seen.min(axis=0), strict=True))
    assert negative["PO7"] == pytest.approx(4, rel=0.1)
    assert negative["PO7"] > 4 * negative["Cz"]
    np.testing.assert_allclose(attended, 1.5 * seen, atol=1e-9)


def test_latency_and_amplitude_differ_from_flash_to_flash():
    model = replace(SILENT, vep_uv=0, latency_jitter_s=0.03, amplitude_jitter=0.3, ch_names=("Pz",))
    eeg = SyntheticEEG(model)
    for time in range(1, 41):
        eeg.flash(float(time), attended=True)

    waves = eeg.take(41 * 250)[250:, 0].reshape(40, 250)

    assert np.argmax(waves, axis=1).std() / 250 == pytest.approx(0.03, rel=0.5)
    assert waves.max(axis=1).std() / waves.max(axis=1).mean() == pytest.approx(0.3, rel=0.5)


def test_nothing_answers_before_the_flash_that_it_answers():
    quiet = SyntheticEEG(FEW).take(512)
    eeg = SyntheticEEG(FEW)
    eeg.flash(2.0, attended=True)

    signal = eeg.take(512)

    np.testing.assert_array_equal(signal[:256], quiet[:256])
    assert abs(signal - quiet).max() > 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "quiet", "loud"),
    [("left_hand", "C4", "C3"), ("right_hand", "C3", "C4"), ("feet", "Cz", "C3")],
)
def test_an_imagined_movement_quietens_the_rhythm_of_its_own_area(label, quiet, loud):
    model = replace(SILENT, mu_uv=5.0, erd=0.8)
    eeg = SyntheticEEG(model)
    eeg.imagine(label, 1.0)
    eeg.rest(61.0)

    signal = eeg.take(122 * 250)

    # Against the same rhythm without the cue, which is known here.
    change = signal.reshape(122, 250, 16).std(axis=1)
    free = SyntheticEEG(model).take(122 * 250).reshape(122, 250, 16).std(axis=1)
    share = (change / free) ** 2
    at = model.ch_names.index
    assert np.median(share[2:61, at(quiet)]) < 0.4
    assert np.median(share[2:61, at(loud)]) > 0.6
    np.testing.assert_allclose(share[[0, *range(62, 122)]], 1, atol=1e-9)


def test_a_movement_that_the_subject_does_not_know_changes_nothing_and_is_said(caplog):
    eeg = SyntheticEEG(FEW)

    eeg.imagine("third arm", 0.0)

    assert "third arm" in caplog.text
    np.testing.assert_array_equal(eeg.take(256), SyntheticEEG(FEW).take(256))


def test_a_sampling_rate_too_low_for_the_rhythms_is_refused():
    with pytest.raises(ConfigError, match=r"simulation.sfreq=50 Hz must be at least 64 Hz"):
        SyntheticEEG(Simulation(sfreq=50.0))
