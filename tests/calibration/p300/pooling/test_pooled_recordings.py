"""Sources from files: matched, resampled, scaled, and said."""

import numpy as np
import pytest

from bci_online.config import Config, EegStream, Presentation, Simulation, read_config
from bci_online.errors import BciError, RecordingError
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300.pooling.recordings import pooled_with
from calibration.p300.recorded_epochs import epochs_of
from calibration.pools import Pool, parse_pool


def configured(ch_names, sfreq, seed, reference="recorded"):
    return Config(
        eeg=EegStream(reference=reference),
        presentation=Presentation(repetitions=5),
        simulation=Simulation(ch_names=ch_names, sfreq=sfreq, p300_uv=12.0, seed=seed),
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a new subject's recording and another's, with another cap and rate."""
    folder = tmp_path_factory.mktemp("pool")
    new, other = folder / "new.xdf", folder / "other.xdf"
    write_recording(configured(("Cz", "Pz", "P7", "Oz"), 128.0, 1), "AB", new)
    write_recording(configured(("T5", "OZ", "Fz", "cz"), 250.0, 2), "CD", other)
    return new, other


@pytest.mark.parametrize("reference", ["recorded", "average"])
def test_another_cap_and_rate_are_brought_to_the_new_subjects(files, reference):
    new, other = files
    config = configured((), 128.0, 1, reference)

    pooled = pooled_with(epochs_of([new], config), config, [Pool((other,), Config())])

    epochs, (source,) = pooled.recorded.all(), pooled.sources
    assert epochs.preprocessing.ch_names == source.ch_names == ("Cz", "P7", "Oz")
    assert source.at(0.0).shape[1:] == epochs.X.shape[1:]
    assert source.average == (reference == "average")
    if reference == "average":
        np.testing.assert_allclose(source.dense.sum(axis=1), 0.0, atol=1e-6)
    said = "\n".join(pooled.notes)
    for part in ("other.xdf: has 3 of the new subject's 4 sensors", "dropped: Pz", "250 Hz",
                 "120 flashes pooled, 20 of them targets", "same 16 latencies"):  # fmt: skip
        assert part in said


def test_a_source_may_have_a_configuration_of_its_own(files, tmp_path):
    toml = tmp_path / "own.toml"
    toml.write_text('[eeg]\nexclude = ["Fz"]\n[layout]\nnumbering = "rows-first"\n')

    pool = parse_pool(f"{files[1]}={toml}", Config())

    assert pool.paths == (files[1],)
    assert pool.config.eeg.exclude == ("Fz",)
    assert parse_pool(f"{files[1]},{files[0]}", Config()).paths == (files[1], files[0])


def test_a_sessions_folder_stands_for_its_recordings_and_how_they_were_made(files, tmp_path):
    folder = tmp_path / "monday"
    folder.mkdir()
    (folder / "run-01.xdf").write_bytes(files[1].read_bytes())

    plain = parse_pool(str(folder), Config())
    (folder / "config.json").write_text('{"eeg": {"exclude": ["Fz"]}}', encoding="utf-8")
    own = parse_pool(str(folder), Config())

    assert plain.paths == own.paths == (folder / "run-01.xdf",)
    assert (plain.config.eeg.exclude, own.config.eeg.exclude) == ((), ("Fz",))
    with pytest.raises(RecordingError, match="holds no recording"):
        parse_pool(str(tmp_path), Config())


@pytest.mark.parametrize("text", ["nowhere.xdf", "nowhere.xdf=x.toml", "a.xdf,b.xdf"])
def test_a_pool_that_is_no_file_is_refused_with_the_form_it_should_have(text):
    with pytest.raises(BciError, match=r"--pool .*is not a file; give FILE\[,FILE"):
        parse_pool(text, Config())


def test_a_pool_of_another_paradigm_is_refused(files, tmp_path):
    imagery = tmp_path / "imagery.toml"
    imagery.write_text('paradigm = "motor_imagery"\n')

    with pytest.raises(BciError, match="its paradigm is 'motor_imagery', the new subject's 'p300'"):
        parse_pool(f"{files[1]}={imagery}", Config())


def test_a_source_that_cannot_be_read_is_named(files, tmp_path):
    broken = tmp_path / "broken.xdf"
    broken.write_bytes(b"no recording")
    config = Config()

    with pytest.raises(RecordingError, match=r"broken\.xdf"):
        pooled_with(epochs_of([files[0]], config), config, [Pool((broken,), config)])


@pytest.mark.slow
def test_real_caps_meet_on_their_common_sensors(data_dir):
    config = read_config(None)
    recorded = epochs_of([data_dir / "p300_bci2000/sub-01_ses-01_run-01.xdf"], config)
    pools = [
        Pool((data_dir / "p300_braininvaders/sub-01_ses-01_run-01.xdf",), config),
        Pool((data_dir / "p300_wadsworth/sub-01_ses-10_run-01.xdf",), config),
    ]

    pooled = pooled_with(recorded, config, pools)

    assert pooled.recorded.all().preprocessing.ch_names == ("Fz", "Cz", "P3", "Pz", "P4")
    assert [source.at(0.0).shape[1:] for source in pooled.sources] == [(5, 16)] * 2
    assert any("128 Hz in microvolts" in note for note in pooled.notes)
    assert any("dropped: PO7 Oz PO8" in note for note in pooled.notes)
