"""Every number, text and list of a configuration and of a decoder header has bounds."""

import math
from collections.abc import Iterator
from typing import Any

import msgspec
import msgspec.inspect
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.config import (
    Config,
    DecoderHeader,
    EpochSpec,
    FilterSpec,
    Preprocessing,
    WindowSpec,
)
from bci_online.config.demand import MOST_BUFFER, MOST_VALUES, MOST_WORK, SECONDS_KEPT
from bci_online.preprocessing.filters import bandpass, settling_samples

ROOTS = (Config, DecoderHeader)
TWO_SIDED = msgspec.inspect.IntType | msgspec.inspect.FloatType
COLLECTIONS = (
    msgspec.inspect.StrType, msgspec.inspect.VarTupleType, msgspec.inspect.DictType,
)  # fmt: skip
# Each of them has a fixed, small set of values.
CLOSED = msgspec.inspect.LiteralType | msgspec.inspect.BoolType | msgspec.inspect.NoneType


def inner(type_: Any) -> list[Any]:
    match type_:
        case msgspec.inspect.Metadata():
            return [type_.type]
        case msgspec.inspect.UnionType():
            return list(type_.types)
        case msgspec.inspect.VarTupleType():
            return [type_.item_type]
        case msgspec.inspect.TupleType():
            return list(type_.item_types)
        case msgspec.inspect.DictType():
            return [type_.key_type, type_.value_type]
    return []


def unbounded(type_: Any, where: str, seen: set[type]) -> Iterator[str]:
    """Yield the places within a type where a file could put a value without end."""
    if isinstance(type_, msgspec.inspect.StructType):
        if type_.cls not in seen:
            seen.add(type_.cls)
            for field in type_.fields:
                yield from unbounded(field.type, f"{type_.cls.__name__}.{field.name}", seen)
        return
    if isinstance(type_, TWO_SIDED):
        low = type_.ge if type_.gt is None else type_.gt
        high = type_.le if type_.lt is None else type_.lt
        if low is None or high is None:
            yield where
    elif isinstance(type_, COLLECTIONS):
        if type_.max_length is None:
            yield where
    elif not inner(type_) and not isinstance(type_, CLOSED):
        yield f"{where} is of type {type(type_).__name__}, which this test does not know"
    for part in inner(type_):
        yield from unbounded(part, where, seen)


def test_every_number_text_and_list_of_a_file_has_a_range():
    seen: set[type] = set()

    found = [
        place
        for root in ROOTS
        for place in unbounded(msgspec.inspect.type_info(root), root.__name__, seen)
    ]

    assert found == []
    assert {FilterSpec, WindowSpec, Preprocessing} <= seen


class Careless(msgspec.Struct):
    """A struct as somebody might add it."""

    number: float
    text: str
    nested: tuple[dict[str, int], ...]
    whatever: bytes


def test_the_walk_finds_what_has_no_range():
    found = list(unbounded(msgspec.inspect.type_info(Careless), "Careless", set()))

    assert [place.split(" ")[0] for place in found] == [
        "Careless.number", "Careless.text", *["Careless.nested"] * 4, "Careless.whatever",
    ]  # fmt: skip


@pytest.mark.parametrize("step", [0.0, 5e-324, 1e-12, 1e-8, 1e-6, 0.0099, 1e300])
def test_a_step_of_windows_out_of_its_range_is_refused(step):
    with pytest.raises(msgspec.ValidationError, match="step"):
        msgspec.convert({"window": {"step": step}}, Config)


# What a header asks for


def channels(n: int) -> tuple[str, ...]:
    return tuple(f"E{number}" for number in range(n))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"ch_names": channels(1024), "sfreq": 20_000.0}, "1024 rows of signal at 20000 Hz take"),
        (
            {
                "ch_names": channels(256), "sfreq": 2048.0,
                "filter": FilterSpec(l_freq=4.0, h_freq=132.0, band_width=2.0),
                "window": WindowSpec(),
            },
            "16384 rows of signal at 2048 Hz take 16.1 GB of memory, at most 2 GB",
        ),
        (
            {"ch_names": channels(256), "sfreq": 1000.0, "epoch": EpochSpec(tmax=10.0, step=0.001)},
            "256 rows of 10001 samples make 2560256 values, at most 1000000",
        ),
        (
            {
                "ch_names": channels(256), "sfreq": 2000.0,
                "window": WindowSpec(length=2.0, step=0.01),
            },
            "100 windows a second of 1024000 values need",
        ),
    ],
)  # fmt: skip
def test_what_needs_too_much_memory_or_work_is_refused_in_one_line(asked, said):
    with pytest.raises(ValueError, match="take") as caught:
        Preprocessing(**asked)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "usual",
    [
        {"ch_names": channels(256), "sfreq": 2048.0},
        {"ch_names": channels(128), "sfreq": 1000.0, "epoch": EpochSpec(tmax=1.0, step=0.004)},
        {
            "ch_names": channels(128), "sfreq": 1000.0,
            "filter": FilterSpec(l_freq=4.0, h_freq=40.0, band_width=4.0),
            "window": WindowSpec(length=2.0, step=0.1),
        },
    ],
)  # fmt: skip
def test_what_laboratories_have_is_not_refused(usual):
    assert Preprocessing(**usual).n_rows >= 128


@settings(max_examples=200)
@given(
    n=st.integers(1, 1024),
    sfreq=st.floats(130.0, 100_000.0),
    length=st.floats(0.01, 10.0),
    step=st.floats(0.01, 1.0),
)
def test_what_is_accepted_stays_within_the_bounds(n, sfreq, length, step):
    window = WindowSpec(length=length, step=step)
    interval = {"tmin": 0.0, "tmax": 60.0}
    tables = {
        "ch_names": channels(n), "sfreq": sfreq, "interval": interval,
        "window": msgspec.to_builtins(window),
    }  # fmt: skip
    try:
        accepted = msgspec.convert(tables, Preprocessing)
    except msgspec.ValidationError:
        return

    values = accepted.n_rows * round(length * sfreq)
    assert n * sfreq * 2 * SECONDS_KEPT * 8 <= MOST_BUFFER
    assert values <= MOST_VALUES
    assert values * max(n, 100) / step <= MOST_WORK * (1 + 1e-9)


@settings(max_examples=60, deadline=None)
@given(
    l_freq=st.floats(0.01, 100.0),
    width=st.floats(1e-6, 100.0),
    order=st.integers(1, 8),
    ripple_db=st.sampled_from([0.0, 0.01, 0.5, 3.0]),
    sfreq=st.floats(1.0, 2000.0),
)
def test_every_filter_is_refused_or_settles(l_freq, width, order, ripple_db, sfreq):
    spec = FilterSpec(l_freq=l_freq, h_freq=l_freq + width, order=order, ripple_db=ripple_db)
    try:
        sos = bandpass(spec, sfreq)
    # Any other exception fails the test.
    except ValueError:
        return

    # A step decays to 1 % in some time constants, of which the slowest lasts 30 s.
    assert 0 < settling_samples(sos) < 30 * 20 * sfreq
    assert math.isfinite(sos.sum())


def test_a_ripple_that_is_none_is_refused():
    with pytest.raises(ValueError, match="ripple_db=1e-300 must be 0 or at least"):
        FilterSpec(ripple_db=1e-300)
