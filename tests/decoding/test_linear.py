import numpy as np
import pytest

from bci_online.config import DecoderHeader, EpochSpec, Preprocessing
from bci_online.decoding.linear import LinearDecoder
from bci_online.errors import DecoderMismatchError

HEADER = DecoderHeader(
    method="lda",
    preprocessing=Preprocessing(
        ch_names=("Cz", "Pz", "Oz"), sfreq=256.0, epoch=EpochSpec(tmax=0.2, step=0.05)
    ),
)


def arrays(seed: int = 0, **replaced) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    made = {
        "coef": rng.normal(size=(3, 5)),
        "center": rng.normal(size=(3, 5)),
        "scale": rng.uniform(0.5, 2, size=3),
        "intercept": rng.normal(size=1),
    }
    return made | replaced


@pytest.mark.parametrize("seed", range(5))
def test_the_score_is_the_formula_of_the_class(seed):
    parts = arrays(seed)
    data = np.random.default_rng(seed + 100).normal(scale=20, size=(3, 5))

    other, score = LinearDecoder(HEADER, parts).score(data)

    expected = sum(
        parts["coef"][c, t] * (data[c, t] - parts["center"][c, t]) / parts["scale"][c]
        for c in range(3)
        for t in range(5)
    )
    assert other == 0.0
    assert score == pytest.approx(expected + parts["intercept"][0], rel=1e-12)


def test_the_score_does_not_depend_on_how_the_epoch_lies_in_memory():
    data = np.random.default_rng(1).normal(size=(3, 5))
    decoder = LinearDecoder(HEADER, arrays())

    np.testing.assert_allclose(
        decoder.score(np.asfortranarray(data)), decoder.score(data), rtol=1e-13
    )


def test_the_center_scores_the_intercept():
    parts = arrays()

    _, score = LinearDecoder(HEADER, parts).score(parts["center"])

    assert score == pytest.approx(parts["intercept"][0])


def test_the_epoch_stays_as_it_is_and_the_arrays_are_copies_that_cannot_be_written():
    parts, data = arrays(), np.ones((3, 5))
    data.flags.writeable = False
    decoder = LinearDecoder(HEADER, parts)
    before = decoder.score(data)

    parts["coef"][:] = 0

    np.testing.assert_array_equal(decoder.score(data), before)
    assert decoder.arrays["coef"].any()
    with pytest.raises(ValueError, match="read-only"):
        decoder.arrays["coef"][0, 0] = 1


def test_limits_and_loudness_are_there_where_given():
    plain = LinearDecoder(HEADER, arrays())
    full = LinearDecoder(
        HEADER, arrays(limits=np.array([1.0, np.inf, 3.0]), band_rms=np.array([4.0, 5.0, 6.0]))
    )

    assert plain.limits is None
    assert plain.band_rms is None
    np.testing.assert_array_equal(full.limits, [1, np.inf, 3])
    np.testing.assert_array_equal(full.band_rms, [4, 5, 6])


@pytest.mark.parametrize("name", ["coef", "center", "scale", "intercept"])
def test_a_missing_array_is_refused_by_name(name):
    parts = arrays()
    del parts[name]

    with pytest.raises(DecoderMismatchError, match=f"array '{name}' is missing"):
        LinearDecoder(HEADER, parts)


@pytest.mark.parametrize(
    ("name", "shape"),
    [("coef", (3, 4)), ("coef", (5, 3)), ("coef", (15,)), ("center", (1, 5)), ("scale", (3, 1)),
     ("scale", (2,)), ("intercept", ()), ("intercept", (2,)), ("limits", (4,)),
     ("band_rms", (0,))],
)  # fmt: skip
def test_an_array_of_another_shape_is_refused_with_both_shapes(name, shape):
    with pytest.raises(DecoderMismatchError, match=f"array '{name}' must be float of shape .* is"):
        LinearDecoder(HEADER, arrays(**{name: np.ones(shape)}))


@pytest.mark.parametrize("dtype", [np.int64, np.bool_, np.complex128])
def test_an_array_that_is_not_float_is_refused(dtype):
    with pytest.raises(DecoderMismatchError, match="must be float of shape"):
        LinearDecoder(HEADER, arrays(scale=np.ones(3, dtype=dtype)))


@pytest.mark.parametrize("name", ["coef", "center", "scale", "intercept", "limits", "band_rms"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused_but_a_limit_may_be_infinite(name, value):
    parts = arrays(limits=np.ones(3), band_rms=np.ones(3))
    parts[name].flat[0] = value
    if name == "limits" and value == np.inf:
        assert LinearDecoder(HEADER, parts).limits[0] == np.inf
        return

    with pytest.raises(DecoderMismatchError, match=f"array '{name}' must be finite"):
        LinearDecoder(HEADER, parts)


@pytest.mark.parametrize("scale", [0.0, -1.0])
def test_a_scale_that_is_not_positive_is_refused(scale):
    with pytest.raises(DecoderMismatchError, match="'scale' must be positive"):
        LinearDecoder(HEADER, arrays(scale=np.array([1.0, scale, 1.0])))
