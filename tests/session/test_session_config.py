from typing import Any

import msgspec
import pytest

from bci_online.config import (
    Config,
    DecoderHeader,
    EvidenceSpec,
    FilterSpec,
    LayoutSpec,
    Preprocessing,
    Stopping,
    WindowSpec,
)
from bci_online.session.config import as_decoded, overruled

SPELLER = DecoderHeader(
    method="lda",
    preprocessing=Preprocessing(ch_names=("Cz",), sfreq=128.0),
    stopping=Stopping(error_rate=0.05, max_repetitions=10),
)
IMAGERY = DecoderHeader(
    method="csp-lda",
    kind="spatial",
    paradigm="motor_imagery",
    preprocessing=Preprocessing(
        ch_names=("C3",),
        sfreq=128.0,
        filter=FilterSpec(l_freq=8.0, h_freq=30.0),
        window=WindowSpec(length=1.0),
        interval=EvidenceSpec(tmax=3.0),
    ),
)


def said_of(header: DecoderHeader, tables: dict[str, Any]) -> list[str]:
    given = msgspec.convert(tables, Config)
    return overruled(tables, given, header)


@pytest.mark.parametrize(
    ("header", "table", "key", "value", "decoders"),
    [
        (SPELLER, "stopping", "error_rate", 0.01, "0.05"),
        (SPELLER, "stopping", "max_repetitions", 15, "10"),
        (SPELLER, "layout", "numbering", "rows-first", '"columns-first"'),
        (SPELLER, "layout", "rows", ["ABC", "DEF"], '["ABCDEF",'),
        (SPELLER, "epoch", "tmax", 0.6, "0.75"),
        (SPELLER, "eeg", "reference", "average", '"recorded"'),
        (SPELLER, "markers", "display_delay", 0.02, "0.0"),
        (IMAGERY, "window", "length", 2.0, "1.0"),
        (IMAGERY, "evidence", "tmax", 4.0, "3.0"),
    ],
)
def test_what_a_configuration_says_in_vain_is_reported_with_both_values(
    header, table, key, value, decoders
):
    tables = {"paradigm": header.paradigm, table: {key: value}}

    (line,) = said_of(header, tables)

    assert line.startswith(f"{table}.{key} is the decoder's, {decoders}")
    assert "holds once a decoder is trained with it" in line


def test_what_a_configuration_leaves_to_its_defaults_contradicts_nobody():
    assert said_of(SPELLER, {"presentation": {"cue_s": 1.0}, "stopping": {}}) == []


def test_what_agrees_with_the_decoder_or_does_not_concern_it_is_not_reported():
    tables = {
        "stopping": {"max_repetitions": 10},
        "screen": {"theme": "soft"},
        "presentation": {"flash_ms": 50.0},
    }

    assert said_of(SPELLER, tables) == []


@pytest.mark.parametrize("header", [SPELLER, IMAGERY])
def test_a_session_uses_what_its_decoder_says(header):
    config = as_decoded(Config(layout=LayoutSpec(rows=("ABC", "DEF"))), header)

    assert (config.layout, config.stopping) == (header.layout, header.stopping)
    assert config.paradigm == header.paradigm
