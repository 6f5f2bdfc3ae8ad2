import msgspec
import numpy as np
import pytest

from bci_online.config import DecoderHeader, Evidence, FilterSpec, Preprocessing, WindowSpec
from bci_online.decoding.decoder_file import read_decoder, write_decoder
from bci_online.decoding.spatial import SpatialDecoder, log_power
from bci_online.errors import DecoderMismatchError

BANK = FilterSpec(l_freq=8.0, h_freq=16.0, band_width=4.0)
HEADER = DecoderHeader(
    method="csp-lda",
    kind="spatial",
    paradigm="motor_imagery",
    classes=("feet", "left_hand", "right_hand"),
    preprocessing=Preprocessing(
        ch_names=("C3", "Cz", "C4", "CPz"), sfreq=128.0, filter=BANK, window=WindowSpec()
    ),
)


def arrays(**replaced) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    made = {
        "filters": rng.normal(size=(2, 5, 4)),
        "coef": rng.normal(size=(3, 10)),
        "intercept": rng.normal(size=3),
    }
    return made | replaced


def test_the_values_are_the_formula_of_the_class():
    parts = arrays()
    data = np.random.default_rng(1).normal(size=(8, 256))

    values = SpatialDecoder(HEADER, parts).score(data)

    features = [
        np.log(np.mean((parts["filters"][band, f] @ data[4 * band : 4 * band + 4]) ** 2))
        for band in range(2)
        for f in range(5)
    ]
    np.testing.assert_allclose(values, parts["coef"] @ features + parts["intercept"], rtol=1e-10)


def test_twice_the_signal_is_four_times_the_power_behind_every_filter():
    filters = arrays()["filters"]
    data = np.random.default_rng(2).normal(size=(8, 256))

    np.testing.assert_allclose(
        log_power(filters, 2 * data) - log_power(filters, data), np.log(4), rtol=1e-9
    )


def test_a_flat_window_has_finite_values():
    assert np.isfinite(SpatialDecoder(HEADER, arrays()).score(np.zeros((8, 256)))).all()


def test_a_decoder_file_gives_the_same_values(tmp_path):
    reference = np.stack([np.eye(4)] * 2)
    parts = arrays(reference=reference, limits=np.ones(8), band_rms=np.ones(8))
    data = np.random.default_rng(3).normal(size=(8, 256))

    write_decoder(tmp_path / "d", HEADER, parts)
    decoder = read_decoder(tmp_path / "d")

    np.testing.assert_array_equal(decoder.score(data), SpatialDecoder(HEADER, parts).score(data))
    np.testing.assert_array_equal(decoder.arrays["reference"], reference)
    assert decoder.limits.shape == decoder.band_rms.shape == (8,)


def test_a_decoder_that_knows_idle_has_one_more_value_also_after_its_file(tmp_path):
    header = msgspec.structs.replace(
        HEADER, evidence=Evidence(idle=0.5, expected_false=(0.0, 0.1, 0.4))
    )
    parts = arrays(coef=np.ones((4, 10)), intercept=np.arange(4.0))

    write_decoder(tmp_path / "d", header, parts)
    decoder = read_decoder(tmp_path / "d")

    assert decoder.header == header
    values = decoder.score(np.random.default_rng(3).normal(size=(8, 256)))
    np.testing.assert_allclose(values - values[0], np.arange(4.0))
    with pytest.raises(DecoderMismatchError, match=r"'coef'.*train it again"):
        SpatialDecoder(header, arrays())


def test_a_header_from_before_idle_has_a_value_for_each_class():
    text = msgspec.json.decode(msgspec.json.encode(HEADER))
    for key in ("idle", "expected_false"):
        del text["evidence"][key]
    for key in ("idle", "false_activations_per_minute"):
        del text["stopping"][key]

    header = msgspec.convert(text, DecoderHeader)

    assert (header.evidence.idle, header.n_values) == (0.0, 3)
    assert header == HEADER


@pytest.mark.parametrize(
    "wrong",
    [
        {"filters": np.ones((2, 5, 3))},
        {"filters": np.ones((5, 4))},
        {"coef": np.ones((2, 10))},
        {"intercept": np.array([np.nan, 0, 0])},
        {"reference": np.eye(4)},
        {"limits": np.ones(4)},
    ],
)
def test_arrays_that_do_not_fit_the_header_are_refused(wrong):
    with pytest.raises(DecoderMismatchError, match=rf"'{next(iter(wrong))}'.*train it again"):
        SpatialDecoder(HEADER, arrays(**wrong))


@pytest.mark.parametrize("name", ["filters", "coef", "intercept"])
def test_a_missing_array_is_refused(name):
    parts = arrays()
    del parts[name]

    with pytest.raises(DecoderMismatchError, match=f"'{name}' is missing"):
        SpatialDecoder(HEADER, parts)
