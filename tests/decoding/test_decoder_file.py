import hashlib
import json
import pickle
import re
import struct
from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors.numpy import save

from bci_online.config import DecoderHeader, EpochSpec, Evidence, Preprocessing
from bci_online.decoding.decoder_file import read_decoder, write_decoder
from bci_online.decoding.sealed_arrays import is_sealed, sealed, texts_of
from bci_online.errors import DecoderMismatchError
from bci_online.translation import TranslationRule

HEADER = DecoderHeader(
    method="gsvm-2",
    preprocessing=Preprocessing(
        ch_names=("Cz", "Ö/\"z\n", "שלום"), sfreq=256.0, unit="microvolts",
        epoch=EpochSpec(tmax=0.2, step=0.05),
    ),
    translate=(TranslationRule(to=r"flash/\1/unknown", regex=r"S\s+(\d+)"),),
    evidence=Evidence(temperature=0.7, expected_error=(0.05, 0.01, 0.2)),
    trained_on=((1, "ab" * 32),),
    metrics={"auc": 0.9, "letters": "3 of 3", "n": None},
    versions={"numpy": "2"},
)  # fmt: skip
ARRAYS = {
    "coef": np.arange(15.0).reshape(3, 5),
    "center": np.ones((3, 5)),
    "scale": np.array([1.0, 2.0, 3.0]),
    "intercept": np.array([-0.5]),
    "limits": np.array([np.inf, 50.0, 60.0]),
    "band_rms": np.array([7.0, 8.0, 9.0]),
}


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "anna.decoder"
    write_decoder(path, HEADER, ARRAYS)
    return path


def refusal(path: Path, content: bytes | None = None) -> str:
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DecoderMismatchError) as caught:
        read_decoder(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def signed(arrays, digest_key="sha256", **metadata) -> bytes:
    """Return a file whose checksum is right, whatever it says."""
    content = save(arrays, metadata=metadata | {digest_key: "0" * 64})
    digest = hashlib.sha256(content).hexdigest()
    key = f'"{digest_key}":"'.encode()
    return content.replace(key + b"0" * 64, key + digest.encode(), 1)


def header_with(**changes) -> str:
    return json.dumps(msgspec.json.decode(msgspec.json.encode(HEADER)) | changes)


def test_what_was_written_is_read_again(path):
    decoder = read_decoder(path)

    assert decoder.header == HEADER
    assert decoder.arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(decoder.arrays[name], array)


def test_the_same_decoder_scores_the_same_after_the_file(path):
    data = np.random.default_rng(0).normal(size=(3, 5))
    by_hand = ((data - 1) / ARRAYS["scale"][:, np.newaxis] * ARRAYS["coef"]).sum() - 0.5

    assert read_decoder(path).score(data)[1] == pytest.approx(by_hand)


@pytest.mark.parametrize("value", ["0" * 64, '"sha256":"' + "0" * 64])
def test_no_text_in_the_header_is_taken_for_the_checksum(tmp_path, value):
    header = msgspec.structs.replace(HEADER, trained_on=((1, value),), metrics={value: value})

    write_decoder(tmp_path / "d", header, ARRAYS)

    assert read_decoder(tmp_path / "d").header == header


def test_arrays_of_any_order_in_memory_are_written_as_they_are_seen(tmp_path):
    write_decoder(tmp_path / "d", HEADER, ARRAYS | {"coef": ARRAYS["coef"].T.copy().T})

    np.testing.assert_array_equal(read_decoder(tmp_path / "d").arrays["coef"], ARRAYS["coef"])


def test_an_old_file_is_replaced_and_no_draft_is_left(path):
    write_decoder(path, msgspec.structs.replace(HEADER, method="lda"), ARRAYS)

    assert read_decoder(path).header.method == "lda"
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_file_that_cannot_be_written_leaves_no_draft(tmp_path):
    (tmp_path / "folder").mkdir()

    with pytest.raises(OSError, match="folder"):
        write_decoder(tmp_path / "folder", HEADER, ARRAYS)

    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_every_single_flipped_bit_is_refused(path):
    content = path.read_bytes()
    digest = content.index(b'"sha256":"')
    bits = np.random.default_rng(0).choice(8 * len(content), size=300, replace=False)
    near = range(8 * digest, 8 * (digest + 76), 7)

    for bit in {*map(int, bits), *range(64), *near}:
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        refusal(path, bytes(flipped))


def test_a_file_cut_at_any_length_is_refused(path):
    content = path.read_bytes()
    lengths = np.random.default_rng(1).integers(len(content), size=100)

    for length in {*range(20), *map(int, lengths), len(content) - 1}:
        refusal(path, content[:length])


def test_a_file_with_something_behind_it_is_refused(path):
    refusal(path, path.read_bytes() + b"\0")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not a decoder file: it has 0 bytes"),
        (b"abc", "it has 3 bytes"),
        (pickle.dumps({"coef": [1, 2]}), "but a pickle, which could run anything"),
        (b"XDF:\x0a\x01\x00" + b"x" * 50, "but an XDF recording"),
        (b"PK\x03\x04" + b"x" * 50, "but a zip archive"),
        (b"\x05" + b"\0" * 7 + b"[1,2]", "is not a decoder file"),
        (b"\x02" + b"\0" * 7 + b"{}", "is not a decoder file"),
        (b"\xff" * 64, "or it is cut short"),
        ((10**5).to_bytes(8, "little") + b"[" * 10**5, "is not a decoder file"),
        ((6).to_bytes(8, "little") + b"\xff\xfe\x00\xd8ab", "is not a decoder file"),
    ],
)
def test_what_is_no_decoder_is_refused_and_named_where_known(tmp_path, content, said):
    assert said in refusal(tmp_path / "x", content)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    assert "cannot be read: No such file" in refusal(tmp_path / "missing")
    assert "is not a file" in refusal(tmp_path)


@pytest.mark.parametrize("digest", ["", "0" * 64, "f" * 64, "F" * 64, "\ud800" * 64, "x" * 64])
def test_a_file_with_another_checksum_is_refused(path, digest):
    content = path.read_bytes()
    stated = re.search(rb'"sha256":"([0-9a-f]{64})"', content)[1]
    # Halves of surrogate pairs are written as JSON writes them.
    escaped = json.dumps(digest)[1:-1].encode()
    changed = content.replace(stated, escaped, 1)
    length = int.from_bytes(content[:8], "little") + len(escaped) - 64

    refusal(path, length.to_bytes(8, "little") + changed[8:])


def test_the_checksum_of_another_decoder_is_refused(path, tmp_path):
    write_decoder(tmp_path / "other", msgspec.structs.replace(HEADER, method="lda"), ARRAYS)
    ours, theirs = (
        re.search(rb'"sha256":"([0-9a-f]{64})"', p.read_bytes())[1]
        for p in (path, tmp_path / "other")
    )

    message = refusal(path, path.read_bytes().replace(ours, theirs))

    assert "is damaged: its checksum does not match" in message


def test_safetensors_without_a_checksum_are_refused(path):
    text = msgspec.json.encode(HEADER).decode()

    assert "carries no checksum" in refusal(path, save(ARRAYS, metadata={"decoder": text}))
    assert "is not a decoder file" in refusal(path, save(ARRAYS))
    assert "is not a decoder file" in refusal(path, save(ARRAYS, metadata={"sha256": "0" * 64}))
    assert "carries no checksum" in refusal(path, signed(ARRAYS, "md5", decoder=text))


def test_a_file_that_is_signed_as_ours_is_read(path):
    path.write_bytes(signed(ARRAYS, decoder=msgspec.json.encode(HEADER).decode()))

    assert read_decoder(path).header == HEADER


@pytest.mark.parametrize(
    "header",
    [
        header_with(colour="blue"),
        header_with(format_version=2),
        header_with(method=3),
        header_with(preprocessing={}),
        header_with(preprocessing={"ch_names": ["Cz", "Cz"], "sfreq": 256.0}),
        header_with(preprocessing={"ch_names": ["Cz"], "sfreq": 1e999}),
        header_with(preprocessing={"ch_names": ["Cz"], "sfreq": 10.0}),
        header_with(translate=[{"to": "x", "regex": "a{1001}"}]),
        header_with(evidence={"spread": 0.0}),
        "",
        "{",
        "null",
        "[" * 100_000,
        '{"a":\n1}',
        header_with(method="\ud800"),
    ],
    ids=range(15),
)
def test_a_signed_header_that_means_nothing_here_is_refused(path, header):
    assert "another version of this program" in refusal(path, signed(ARRAYS, decoder=header))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"coef": np.full((3, 5), np.nan)}, "'coef' must be finite"),
        ({"limits": np.full(3, np.nan)}, "'limits' must be finite"),
        ({"scale": np.array([1.0, np.inf, 1.0])}, "'scale' must be finite"),
        ({"scale": np.zeros(3)}, "'scale' must be positive"),
        ({"scale": np.full(3, 1e-300)}, "'scale' must be positive, at least 1e-15"),
        ({"coef": np.full((3, 5), 1e300)}, "'coef' must be finite, at most 1e+15"),
        ({"coef": np.ones((3, 4))}, "'coef' must be float of shape (3, 5)"),
        ({"intercept": np.ones(1, dtype=np.int64)}, "'intercept' must be float"),
    ],
)
def test_signed_arrays_that_do_not_hold_together_are_refused(path, changed, said):
    content = signed(ARRAYS | changed, decoder=msgspec.json.encode(HEADER).decode())

    assert said in refusal(path, content)


def test_a_signed_file_of_an_unknown_array_type_is_refused(path):
    content = signed(ARRAYS, decoder=msgspec.json.encode(HEADER).decode())
    stated = re.search(rb'"sha256":"([0-9a-f]{64})"', content)[1]
    odd = content.replace(b'"dtype":"F64"', b'"dtype":"F99"', 1).replace(stated, b"0" * 64)
    digest = hashlib.sha256(odd).hexdigest().encode()

    refusal(path, odd.replace(b'"sha256":"' + b"0" * 64, b'"sha256":"' + digest, 1))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (header_with(evidence={"spread": 1e-300}), "evidence.spread: must be a number >= 1e-09"),
        (
            header_with(preprocessing={"ch_names": ["Cz"], "sfreq": 1e6}),
            "preprocessing.sfreq: must be a number <= 100000.0, got 1000000.0",
        ),
        (header_with(stopping={"max_repetitions": 10**12}), "stopping.max_repetitions"),
        (
            header_with(layout={"rows": [[f"{n}.{m}" for m in range(100)] for n in range(1000)]}),
            "layout.rows",
        ),
        (header_with(metrics={f"k{n}": n for n in range(1001)}), "metrics"),
        (header_with(method="m" * 100_000), "method: must be a text of length <= 200"),
    ],
    ids=range(6),
)
def test_a_signed_header_that_asks_for_too_much_is_refused_with_key_and_rule(path, header, said):
    message = refusal(path, signed(ARRAYS, decoder=header))

    assert said in message
    assert len(message) < 700


def test_a_header_that_could_not_be_read_again_is_not_written(tmp_path):
    header = msgspec.structs.replace(HEADER, evidence=Evidence(spread=1e-300))
    path = tmp_path / "no.decoder"

    with pytest.raises(DecoderMismatchError, match=r"is not written: evidence\.spread"):
        write_decoder(path, header, ARRAYS)

    assert list(tmp_path.iterdir()) == []


def test_a_header_that_would_take_all_memory_is_not_read():
    header = b'{"__metadata__":{"a":"b"}}'

    texts = [
        texts_of(struct.pack("<Q", len(long)) + long)
        for long in (header, header + b" " * (1 << 24))
    ]

    assert texts == [{"a": "b"}, None]


def test_the_same_content_is_the_same_file_to_the_last_byte() -> None:
    written = {sealed("poem", "roses", {"red": np.ones(3)}) for _ in range(30)}

    assert len(written) == 1
    assert is_sealed(written.pop())
