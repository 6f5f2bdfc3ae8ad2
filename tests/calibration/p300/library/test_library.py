"""A library of earlier sessions: what it keeps, what it refuses, and what it helps."""

import hashlib
import json
import struct
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bci_online.config import Config, EpochSpec, Preprocessing, Presentation, Simulation
from bci_online.console import run
from bci_online.decoding.decoder_file import read_decoder
from bci_online.decoding.sealed_arrays import sealed, texts_of
from bci_online.errors import BciError, RecordingError
from bci_online.runtime.assembly import recording_content
from bci_online.runtime.no_calibration import EPOCH, read_start
from bci_online.runtime.simulated_recording import write_recording
from bci_online.session.folder import SessionFolder
from calibration.__main__ import app
from calibration.p300.fitting import LinearMethod
from calibration.p300.library.entry import Entry, EntryHeader, read_entry
from calibration.p300.library.folder import Library
from calibration.p300.library.made_entry import made_entry
from calibration.p300.library.similarity import SIMILARITIES, similarity_of
from calibration.p300.library.sources import as_source, pooled_with_library
from calibration.p300.library.start import start_of
from calibration.p300.methods import method_of
from calibration.p300.pooling.sources import PoolSource
from calibration.p300.recorded_epochs import epochs_of
from calibration.training_request import TrainingRequest

CAP = Preprocessing(ch_names=("Cz", "Pz"), sfreq=128.0, epoch=EpochSpec(tmax=1.2, step=0.01))


def entry(shift_s: float = 0.0, subject: str = "07", seed: int = 0) -> Entry:
    """Return a session whose response comes so many seconds later."""
    rng, y = np.random.default_rng(seed), np.arange(240) % 6 == 0
    header = EntryHeader(preprocessing=CAP, early_s=0.15, consent="a test").of(subject, "salt")
    X = rng.normal(size=(240, 2, CAP.n_epoch))
    X[y] += 2.0 * np.exp(-(((header.latencies - 0.3 - shift_s) / 0.05) ** 2))
    return Entry(header=header, epochs=X.astype(np.float32), is_target=y)


def test_an_entry_is_read_as_it_was_written(tmp_path):
    path, kept = tmp_path / "a.safetensors", entry()
    path.write_bytes(kept.content())

    found = read_entry(path)

    assert found.header == kept.header
    np.testing.assert_array_equal(found.epochs, kept.epochs)
    np.testing.assert_array_equal(found.is_target, kept.is_target)


def resealed(content: bytes) -> bytes:
    """Return a changed content under a checksum that is right again."""
    stated, blank = texts_of(content)["sha256"].encode(), b"0" * 64
    digest = hashlib.sha256(content.replace(stated, blank, 1)).hexdigest()
    return content.replace(stated, digest.encode(), 1)


def hostile_contents():
    sound = entry().content()
    flipped = bytearray(sound)
    flipped[-1000] ^= 1
    deep = b'{"__metadata__":' + b'{"a":' * 50_000
    yield "nothing", b""
    yield "pickle", b"\x80\x04\x95."
    yield "flipped", bytes(flipped)
    yield "cut", sound[:-100]
    yield "endless header", struct.pack("<Q", 1 << 62) + b"{}"
    yield "deep", struct.pack("<Q", len(deep)) + deep
    yield (
        "other shape",
        Entry(
            header=entry().header,
            epochs=np.zeros((3, 2, 4), np.float32),
            is_target=np.ones(3, bool),
        ).content(),
    )
    text = msgspec.json.encode(entry().header).decode()
    for labels in (np.arange(240) % 3, np.arange(240)[:, np.newaxis] % 2):
        other = {"epochs": entry().epochs, "is_target": labels.astype(np.uint8)}
        yield "other labels", sealed("library_entry", text, other)
    # One label without a shape: the header is as long as before.
    one = sealed("library_entry", text, {"epochs": entry().epochs[:1], "is_target": np.uint8([1])})
    yield "no list of labels", resealed(one.replace(b'"shape":[1]', b'"shape":[ ]'))
    yield (
        "not finite",
        Entry(
            header=entry().header,
            epochs=np.full_like(entry().epochs, np.nan),
            is_target=entry().is_target,
        ).content(),
    )


@pytest.mark.parametrize(("name", "content"), list(hostile_contents()))
def test_a_file_that_is_no_sound_entry_is_refused_in_one_line(tmp_path, name, content):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)

    with pytest.raises(RecordingError) as refused:
        read_entry(path)

    assert str(refused.value).startswith(str(path))
    assert "\n" not in str(refused.value)


def test_a_session_is_kept_once_also_from_a_file_that_was_still_being_written(tmp_path):
    library, whole = Library(tmp_path), entry()
    part = msgspec.structs.replace(
        whole, epochs=whole.epochs[:100], is_target=whole.is_target[:100]
    )
    name = library.add(part)

    with pytest.raises(RecordingError, match=f"{name} holds 100 of these flashes"):
        library.add(whole)


def test_a_damaged_session_hides_no_other_one_and_says_how_it_goes(tmp_path, capsys):
    own = tmp_path / "my lib"
    own.mkdir()
    sound, damaged = entry().content(), bytearray(entry(seed=1).content())
    damaged[-1000] ^= 1
    for name, content in (("a", sound), ("b", bytes(damaged)), ("c", sound), ("d", b"foreign")):
        (own / f"{name}.safetensors").write_bytes(content)

    assert run(app, ["library", "list", str(own)]) == 2

    said = capsys.readouterr()
    assert [line[:2] for line in said.out.splitlines()] == ["a:", "c:"]
    assert f"bci-calibrate library remove '{own}' b, then add the session again" in said.err
    assert "2 of 4 sessions cannot be used" in said.err
    assert run(app, ["library", "remove", str(own), "b", "d"]) == 0
    assert run(app, ["library", "check", str(own)]) == 0


def test_a_session_that_still_runs_is_not_added(tmp_path, capsys):
    session = SessionFolder(tmp_path / "session")
    session.make()
    session.recording.touch()
    add = ["library", "add", str(tmp_path / "lib"), str(session.folder), "--consent", "a test"]

    assert run(app, add) == 2
    assert "its session still runs" in capsys.readouterr().err
    session.release()
    assert run(app, add) == 2
    assert "is not an XDF file (it is empty)" in capsys.readouterr().err


def test_own_sessions_start_a_session_alone_if_there_are_any():
    _, notes = start_of([("a", entry(subject="08")), ("b", entry(subject="07"))], "07")

    assert notes[-1] == "starts from 1 earlier session of this subject, as far as it fits"


def test_a_session_whose_response_comes_later_joins_the_first_at_that_lag():
    alone, _ = start_of([("a", entry())], "")

    both, notes = start_of([("a", entry()), ("b", entry(0.08, seed=1))], "")

    assert notes[-1].startswith("starts from 2 sessions")
    one, two = alone.arrays["response"], both.arrays["response"]
    assert np.corrcoef(one.ravel(), two.ravel())[0, 1] > 0.95
    assert int(np.argmax(two[0])) == 3 + round((0.3 - EPOCH.tmin) / EPOCH.step)


def without_response(of: Entry, seed: int = 9) -> Entry:
    """Return a session whose labels say nothing of its epochs."""
    labels = np.random.default_rng(seed).permutation(of.is_target)
    return Entry(header=of.header, epochs=of.epochs, is_target=labels)


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_session_without_a_response_is_left_out_wherever_it_stands(place):
    named = [(str(seed), entry(seed=seed)) for seed in range(4)]
    named.insert(place, ("garbage", without_response(entry(seed=4))))

    start, notes = start_of(named, "")

    assert [note.partition(":")[0] for note in notes if "left out" in note] == ["garbage"]
    assert notes[-1].startswith("starts from 4 sessions")
    assert start.arrays["response"][0].max() > 1.0


def test_a_session_whose_targets_all_come_in_one_half_is_left_out():
    few = msgspec.structs.replace(entry(), epochs=entry().epochs[:12], is_target=np.arange(12) < 2)

    _, notes = start_of([("few", few), ("a", entry())], "")

    assert notes[0] == "few: left out, it shows no response to its own targets"
    assert notes[-1].startswith("starts from 1 session of another subject, as far as it fits")


EIGHT = ("Fz", "Cz", "Pz", "Oz", "P3", "P4", "PO7", "PO8")


def sources_of(n: int, *, alike: bool) -> list[PoolSource]:
    """Return subjects whose responses have the same pattern over the head, or one each."""
    cap = msgspec.structs.replace(CAP, ch_names=EIGHT)
    header = EntryHeader(preprocessing=cap, early_s=0.15, consent="a test")
    y, found = np.arange(960) % 6 == 0, []
    for subject in range(n):
        rng = np.random.default_rng(subject)
        pattern = np.random.default_rng(1000 if alike else 50 + subject).normal(size=len(EIGHT))
        bump = 1.2 * np.exp(-(((header.latencies - 0.3) / 0.06) ** 2))
        X = rng.normal(size=(len(y), len(EIGHT), cap.n_epoch))
        X[y] += np.multiply.outer(pattern / np.linalg.norm(pattern), bump)
        own = Entry(header=header, epochs=X.astype(np.float32), is_target=y)
        found.append(as_source(str(subject), own, EPOCH, EIGHT))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("alike", "expected"), [(True, SIMILARITIES[-1]), (False, SIMILARITIES[0])]
)
def test_how_alike_weights_should_be_is_what_several_sources_say_of_each_other(alike, expected):
    sources = tuple(sources_of(4, alike=alike))
    request = TrainingRequest(
        recordings=(), config=OWN, output=Path("d"), method="mgsvm-2s", library=Path("a")
    )

    method = method_of(request, sources)

    assert similarity_of("mgsvm-2s", sources) == expected
    assert isinstance(method, LinearMethod)
    assert method.similarity == expected
    assert similarity_of("mgsvm-2s", sources[:1]) is None


def test_a_session_that_holds_the_training_from_another_file_is_left_out(tmp_path):
    own = written(tmp_path / "own.xdf", "THE", 1)
    shortened = tmp_path / "shortened.xdf"
    shortened.write_bytes(own.read_bytes()[:-3000])
    library = Library(tmp_path / "library")
    name = library.add(made_entry([own], OWN, "", "a test")[0])

    found = epochs_of([shortened], OWN)

    with pytest.raises(BciError, match=f"{name}: left out, it holds these flashes, from another"):
        pooled_with_library(found, OWN, library.folder, [shortened], [])


def test_a_method_without_a_similarity_asks_no_source():
    assert similarity_of("lda", sources_of(2, alike=True)) is None


def test_another_band_is_left_out_with_its_reason():
    narrow = CAP.filter.__class__(l_freq=1.0, h_freq=6.0)
    other = entry()
    header = EntryHeader(
        preprocessing=Preprocessing(
            ch_names=CAP.ch_names, sfreq=CAP.sfreq, epoch=CAP.epoch, filter=narrow
        ),
        consent="a test",
    )
    other = Entry(header=header, epochs=other.epochs, is_target=other.is_target)

    with pytest.raises(RecordingError, match="its band or reference is another"):
        start_of([("a", other)], "")


OWN = Config()


def written(path, word, seed, ch_names=("Cz", "Pz", "PO7", "Oz")):
    config = Config(
        presentation=Presentation(repetitions=5),
        simulation=Simulation(ch_names=ch_names, sfreq=128.0, p300_uv=12.0, seed=seed),
    )
    write_recording(config, word, path)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a library of two subjects, their recordings, and a new recording of the first."""
    folder = tmp_path_factory.mktemp("library")
    own = written(folder / "sub-secret_ses-01_eeg.xdf", "THE", 1)
    other = written(folder / "sub-09_ses-01_eeg.xdf", "FOX", 2)
    new = written(folder / "sub-secret_ses-02_eeg.xdf", "ABC", 3)
    library = folder / "library"
    for path in (own, other):
        assert run(app, ["library", "add", str(library), str(path), "--consent", "a test"]) == 0
    return library, own, other, new


@pytest.mark.slow
def test_a_library_names_no_person_and_no_text_and_holds_a_recording_once(files, capsys):
    library, own, _, _ = files
    capsys.readouterr()

    again = run(app, ["library", "add", str(library), str(own), "--consent", "a test"])

    assert again == 2
    assert "holds one of these recordings" in capsys.readouterr().err
    for path in library.iterdir():
        assert b"secret" not in path.read_bytes()
        assert "sub" not in path.name
    assert run(app, ["library", "list", str(library), "--subject", "secret", "--json", "-"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(row["own"] for row in rows) == [False, True]
    assert run(app, ["library", "check", str(library)]) == 0


@pytest.mark.slow
def test_training_takes_own_sessions_before_those_of_others(files, tmp_path, capsys):
    library, own, other, new = files
    output = tmp_path / "my.decoder"

    code = run(app, ["train", str(new), "-o", str(output), "--library", str(library)])

    assert code == 0
    assert "1 own earlier session" in capsys.readouterr().err
    header = read_decoder(output).header
    assert header.method == "mgsvm-2s (pooled)"
    assert recording_content(own) in header.trained_on
    assert recording_content(other) not in header.trained_on


@pytest.mark.slow
def test_what_a_library_says_is_written_for_a_session_and_read_there(files, tmp_path):
    library, own, _, _ = files
    start = tmp_path / "start.decoder"

    code = run(app, ["library", "start", str(library), "-o", str(start), "--subject", "secret"])

    assert code == 0
    assert read_start(start).header.trained_on == (recording_content(own),)


@pytest.mark.slow
def test_training_learns_from_four_subjects_and_says_that_a_fifth_one_is_no_help(
    files, tmp_path, capsys
):
    kept, new = Library(tmp_path / "library"), files[3]
    garbage = ""
    for seed, word in enumerate(("THE", "FOX", "AND", "OWL", "DOG"), 11):
        made = made_entry([written(tmp_path / f"sub-{seed}_eeg.xdf", word, seed)], OWN, "", "test")
        name = kept.add(made[0] if seed < 15 else without_response(made[0]))
        garbage = name if seed == 15 else garbage
    output = tmp_path / "my.decoder"

    code = run(app, ["train", str(new), "-o", str(output), "--library", str(kept.folder)])

    said = capsys.readouterr().err
    assert code == 0
    assert "5 sessions of other subjects" in said
    assert [
        name for name in (path.stem for path in kept.files()) if f"{name}: left out" in said
    ] == [garbage]
    asked = [line for line in said.splitlines() if "separates the new subject's targets" in line]
    assert len(asked) == 4
    assert read_decoder(output).header.metrics["auc"] > 0.8
