"""Files of other formats give what the same recording gives as XDF."""

import sys
from pathlib import Path

import numpy as np
import pytest
import written_formats as formats
from simulated_files import CONFIG, recording
from written_formats import STEP, Signal

from bci_online.acquisition.file_names import OF_MNE
from bci_online.acquisition.other_formats import ConvertedSource, raw_rows
from bci_online.acquisition.other_formats.bci2000_header import parse_bci2000
from bci_online.acquisition.other_formats.mne_raw import read_with_mne
from bci_online.commands.bodies.bids import export_bids
from bci_online.config import Config, EegStream, MarkerStream
from bci_online.errors import RecordingError
from bci_online.runtime.assembly import recording_content
from bci_online.runtime.sources import recording as source_of
from bci_online.runtime.whole_recording import read_whole
from bci_online.translation import TranslationRule
from calibration.p300.recorded_epochs import epochs_of
from calibration.recordings import found_in

EDF = b"0".ljust(192) + b"EDF+D".ljust(44) + b"-1      1       %s" + 300 * b"1       "
FIRST = b"HeaderLen= %s SourceCh= %s StatevectorLen= %s \r\n" + b" " * 60


@pytest.fixture(scope="module")
def signal() -> Signal:
    """Return two simulated letters, in whole steps and with events at samples."""
    whole = read_whole(recording("AB"))
    steps = np.round(whole.data.astype(float) / STEP)
    data = np.clip(steps, -32768, 32763) * STEP
    events = [(whole.sample_at(time), text) for time, text in whole.events]
    kept = [(at, text) for at, text in events if text.startswith(("flash", "trial"))]
    return Signal(whole.spec.sfreq, whole.spec.ch_names, data, kept)


@pytest.fixture(scope="module")
def as_xdf(signal: Signal, tmp_path_factory):
    path = tmp_path_factory.mktemp("xdf") / "run.xdf"
    formats.write_as_xdf(path, signal)
    return epochs_of([path], CONFIG).all()


def with_codes(signal: Signal) -> Config:
    rules = tuple(
        TranslationRule(text, number=code) for text, code in formats.codes_of(signal).items()
    )
    return Config(presentation=CONFIG.presentation, markers=MarkerStream(translate=rules))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("run_raw.fif", formats.write_as_fif),
        ("run_raw.fif.gz", formats.write_as_fif_with_stim),
        ("run.vhdr", formats.write_as_brainvision),
        ("run.edf", formats.write_as_edf),
        ("run.bdf", formats.write_as_bdf),
        ("run.edf", formats.write_as_edf_with_gap),
        ("run.set", formats.write_as_eeglab),
        ("run.gdf", formats.write_as_gdf),
        ("run.cnt", formats.write_as_cnt),
        ("run.dat", formats.write_as_bci2000),
    ],
)
def test_a_file_of_another_format_gives_the_epochs_of_the_same_recording_in_xdf(
    name, write, signal, as_xdf, tmp_path
):
    path = tmp_path / name
    write(path, signal)
    numbered = formats.write_as_gdf, formats.write_as_fif_with_stim, formats.write_as_cnt
    is_numbered = write in numbered
    epochs = epochs_of([path], with_codes(signal) if is_numbered else CONFIG).all()
    assert epochs.preprocessing.ch_names == as_xdf.preprocessing.ch_names
    assert epochs.preprocessing.unit == "microvolts"
    assert epochs.y.tolist() == as_xdf.y.tolist()
    assert epochs.code.tolist() == as_xdf.code.tolist()
    assert [letter.truth for letter in epochs.letters] == ["A", "B"]
    np.testing.assert_allclose(epochs.X, as_xdf.X, rtol=1e-6, atol=1e-6)
    assert not said_of(path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "write", "package"),
    [
        ("run.cdt", formats.write_as_curry, "curryreader"),
        ("run.nedf", formats.write_as_nedf, "defusedxml"),
        ("run.lay", formats.write_as_persyst, "mne"),
    ],
)
def test_curry_nic_and_persyst_give_the_epochs_of_the_same_recording_in_xdf(
    name, write, package, signal, tmp_path
):
    pytest.importorskip(package)
    if write is formats.write_as_nedf:
        steps = np.round(signal.data / formats.NEDF_STEP)
        signal = signal._replace(data=steps * formats.NEDF_STEP)
    formats.write_as_xdf(tmp_path / "run.xdf", signal)
    expected = epochs_of([tmp_path / "run.xdf"], CONFIG).all()
    path = tmp_path / name
    write(path, signal)

    is_worded = write is formats.write_as_persyst
    epochs = epochs_of([path], CONFIG if is_worded else with_codes(signal)).all()

    # Persyst's names come in capital letters.
    names = [sensor.upper() for sensor in expected.preprocessing.ch_names]
    assert [sensor.upper() for sensor in epochs.preprocessing.ch_names] == names
    assert epochs.preprocessing.unit == "microvolts"
    assert epochs.y.tolist() == expected.y.tolist()
    assert epochs.code.tolist() == expected.code.tolist()
    np.testing.assert_allclose(epochs.X, expected.X, rtol=1e-6, atol=1e-6)
    assert not said_of(path)


def test_samples_are_the_same_however_they_are_asked_for(signal, tmp_path, monkeypatch):
    monkeypatch.setattr(raw_rows, "BLOCK", 4 * 100)
    formats.write_as_edf(path := tmp_path / "run.edf", signal)
    rows = read_with_mne(path).data

    np.testing.assert_allclose(rows[:], signal.data, atol=1e-9)
    for start, stop in ((0, 1), (99, 101), (150, 420), (5000, None), (7, 7)):
        np.testing.assert_array_equal(rows[start:stop], rows[:][start:stop])


def test_a_format_whose_reader_needs_another_package_names_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "defusedxml", None)
    (tmp_path / "run.nedf").write_bytes(b"<nedf></nedf>\0")
    with pytest.raises(RecordingError, match="without the package defusedxml: pip install"):
        source_of(tmp_path / "run.nedf").open()


@pytest.mark.slow
def test_a_bids_data_set_gives_the_epochs_of_the_recording_that_it_was_exported_from(
    signal, as_xdf, tmp_path
):
    pytest.importorskip("mne_bids")
    exported = tmp_path / "sub-01_task-p300_eeg.xdf"
    formats.write_as_xdf(exported, signal)
    export_bids(exported, tmp_path / "bids", None, task="", line_freq=50.0, as_json=True)

    for folder in (tmp_path / "bids", tmp_path / "bids" / "sub-01"):
        (path,), _ = found_in([folder], None)
    epochs = epochs_of([path], CONFIG).all()

    assert epochs.code.tolist() == as_xdf.code.tolist()
    # The export rounds to the 0.1 microvolts of its format.
    np.testing.assert_allclose(epochs.X, as_xdf.X, atol=0.1)


@pytest.mark.slow
def test_a_bids_data_set_of_others_gives_the_epochs_of_the_same_recording_in_xdf(
    signal, as_xdf, tmp_path
):
    folder = tmp_path / "bids" / "sub-01" / "eeg"
    folder.mkdir(parents=True)
    (tmp_path / "bids" / "dataset_description.json").write_text("{}")
    path = folder / "sub-01_task-p300_eeg.vhdr"
    formats.write_as_brainvision(path, signal._replace(events=[]))
    rows = [f"{time!r}\t0\t{text}" for time, text in zip(signal.times, signal.texts, strict=True)]
    table = "\n".join(["onset\tduration\ttrial_type", *rows])
    (folder / "sub-01_task-p300_events.tsv").write_text(table)

    (found,), _ = found_in([tmp_path / "bids"], None)
    epochs = epochs_of([found], CONFIG).all()

    assert found == path
    assert epochs.code.tolist() == as_xdf.code.tolist()
    np.testing.assert_allclose(epochs.X, as_xdf.X, rtol=1e-6, atol=1e-6)


def test_samples_that_a_file_says_are_missing_separate_what_is_on_both_sides(signal, tmp_path):
    at = signal.events[30][0] + 5
    path = tmp_path / "run_raw.fif"
    formats.write_as_fif(path, signal._replace(events=[*signal.events, (at, "boundary")]))

    epochs = epochs_of([path], CONFIG).all()

    assert epochs.gaps == 1
    assert not any(
        at - epochs.preprocessing.epoch.tmax < sample / signal.sfreq <= at / signal.sfreq
        for sample in epochs.time
    )
    assert said_of(path)[-1].startswith("samples are missing at 1 place:")


@pytest.mark.parametrize(("name", "bits"), [("run.edf", 16), ("run.bdf", 24)])
def test_a_gap_between_records_costs_the_epochs_over_it_and_moves_no_other(
    name, bits, signal, as_xdf, tmp_path
):
    path, record = tmp_path / name, 20
    formats.write_as_edf_with_gap(path, signal, record, 7.5, bits)

    epochs = epochs_of([path], CONFIG).all()

    assert epochs.gaps == 1
    assert said_of(path)[-1].startswith("samples are missing at 1 place:")
    before = epochs.time < record
    assert 0 < np.count_nonzero(before) < len(epochs) < len(as_xdf)
    n = np.count_nonzero(before)
    np.testing.assert_allclose(epochs.X[before], as_xdf.X[:n], rtol=1e-6, atol=1e-6)
    assert epochs.code.tolist()[n:] == as_xdf.code.tolist()[len(as_xdf) - len(epochs) + n :]


def test_events_and_types_of_bids_tables_replace_those_of_the_file(signal, tmp_path):
    path = tmp_path / "sub-01_task-p300_eeg.fif"
    formats.write_as_fif(path, signal)
    tables = {
        "events": "onset\tduration\ttrial_type\tvalue\n1.5\tn/a\tn/a\t7\nn/a\t0\tx\t1\n",
        "channels": "name\ttype\tunits\tstatus\nCz\tEOG\tuV\tgood\nPz\tEEG\tuV\tbad\n",
    }
    for name, text in tables.items():
        (tmp_path / f"sub-01_task-p300_{name}.tsv").write_text(text)
    source = source_of(path)
    source.open()

    assert source.spec.eeg_names == ("Pz", "PO7", "PO8")
    assert [marker.text for reading in iter(source.read, None) for marker in reading.markers] == [
        "7"
    ]
    assert said_of(path)[-1] == "channels.tsv calls Pz bad; eeg.exclude leaves them out"


def test_states_of_bci2000_without_flashes_are_markers_with_their_names(signal, tmp_path):
    path = tmp_path / "run.dat"
    formats.write_as_bci2000(path, signal._replace(events=[(200, "trial/start"), (300, "trial/")]))
    source = source_of(path)
    source.open()

    markers = [marker for reading in iter(source.read, None) for marker in reading.markers]

    assert [(marker.text, marker.time * signal.sfreq) for marker in markers] == [
        ("PhaseInSequence/1", 200),
        ("PhaseInSequence/3", 300),
    ]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("%20A%20%20B%20", " A  B "),
        ("A" * 200, "A" * 200),
        # So BCI2000 writes an empty text.
        ("%", ""),
        ("A%1bB", ""),
    ],
)
def test_each_letter_that_was_to_be_spelled_keeps_its_place(written, text, tmp_path):
    sections = (
        f"[ Parameter Definition ]\nSource int SamplingRate= 256\nA B TextToSpell= {written}\n"
    )
    line = b"HeaderLen= %d SourceCh= 1 StatevectorLen= 0\n"
    path = tmp_path / "run.dat"
    path.write_bytes(line % (len(line) + 1 + len(sections)) + sections.encode())

    assert parse_bci2000(path).text == text


def test_the_unit_of_a_file_that_states_none_is_that_of_the_configuration(signal, tmp_path):
    formats.write_as_gdf(path := tmp_path / "run.gdf", signal)
    path.write_bytes(path.read_bytes().replace(b"uV      ", b"        "))
    units = []
    for eeg in (EegStream(), EegStream(unit="microvolts")):
        source = ConvertedSource(path, eeg)
        source.open()
        units.append(source.spec.unit)
        np.testing.assert_allclose(source.read().chunks[0].data[0], signal.data[0])
    assert units == ["unknown", "microvolts"]


def test_a_recording_is_known_by_all_of_its_files(signal, tmp_path):
    contents = []
    for name, gain in (("a", 1.0), ("b", 2.0)):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "run.vhdr"
        formats.write_as_brainvision(path, signal._replace(data=gain * signal.data))
        contents.append(recording_content(path))
    assert contents[0] != contents[1]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("run.edf", b"0".ljust(192) + b"EDF+D".ljust(44), "has '' in its header in the place of"),
        ("run.edf", EDF % b"0   ", "states 0 signals in records of 1 s, which is impossible"),
        ("run.edf", EDF % b"1   ", "no annotations say where; export it as a continuous file"),
        *((f"run{end}", b"nonsense" * 400, "cannot be read by MNE") for end in OF_MNE),
        ("run.vhdr", b"", "cannot be read by MNE"),
        ("run.dat", b"nonsense" * 400, "is no BCI2000 file: its first line lacks HeaderLen"),
        ("run.dat", FIRST % (b"99999999", b"8", b"0"), "has HeaderLen=99999999, possible is 1 to"),
        ("run.dat", FIRST % (b"50", b"99999999", b"0"), "has SourceCh=99999999, possible is"),
        ("run.dat", FIRST % (b"50", b"8", b"0"), "has SamplingRate='', which is no rate in Hz"),
        (
            "run.csv",
            b"1,2,3",
            "other formats are known by their names: .vhdr, .ahdr, .edf",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(name, content, words, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RecordingError) as refused:
        source_of(path).open()
    message = str(refused.value)
    assert message.startswith(str(path))
    assert words in message
    assert "\n" not in message


def test_a_header_that_claims_more_samples_than_its_files_can_hold_is_refused(signal, tmp_path):
    path = tmp_path / "run.set"
    formats.write_as_eeglab(path, signal, n_claimed=10**9)
    (tmp_path / "run.fdt").write_bytes(signal.data.astype(np.float32).tobytes())
    with pytest.raises(RecordingError, match="states 1000000000 samples, but has only"):
        source_of(path).open()


def said_of(path: Path) -> tuple[str, ...]:
    source = source_of(path)
    source.open()
    return (*(one.text for one in source.findings), *source.notes)
