"""Signed lines: each counts once, on its stream and at its time, and nothing else does."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bci_online.signing import Signer, Verifier

KEY, STREAM, LINE, STAMP = bytes(range(16)), "bci-online/monday/control", '{"name":"abort"}', 5.5

lines = st.dictionaries(st.text(), st.text() | st.integers(), min_size=1).map(json.dumps)
stamps = st.floats(allow_nan=False)


def sent(line: str = LINE, stamp: float = STAMP, key: bytes = KEY, stream: str = STREAM) -> bytes:
    return Signer(key, stream).signed(line, stamp).encode()


@pytest.mark.slow
@given(said=st.lists(lines, min_size=1, max_size=5), stamp=stamps)
def test_what_was_signed_is_accepted_word_for_word_and_in_order(said, stamp):
    signer, verifier = Signer(KEY, STREAM), Verifier(KEY, STREAM)

    read = [verifier.accepted(signer.signed(line, stamp).encode(), stamp) for line in said]

    assert read == said
    assert not verifier.refused


@given(line=lines)
def test_a_signed_line_is_json_with_the_same_fields_and_one_more(line):
    fields = json.loads(sent(line))

    assert fields.pop("signed")
    assert fields == {key: value for key, value in json.loads(line).items() if key != "signed"}


@given(data=st.data())
def test_no_mutation_of_a_signed_line_is_accepted(data):
    line = sent()
    at = data.draw(st.integers(0, len(line) - 1))
    kind = data.draw(st.sampled_from(["flip", "insert", "delete", "cut", "repeat"]))
    byte = bytes([data.draw(st.integers(0, 255))])
    mutated = {
        "flip": line[:at] + byte + line[at + 1 :],
        "insert": line[:at] + byte + line[at:],
        "delete": line[:at] + line[at + 1 :],
        "cut": line[:at],
        "repeat": line + line[at:],
    }[kind]
    assume(mutated != line)

    verifier = Verifier(KEY, STREAM)

    assert verifier.accepted(mutated, STAMP) is None
    assert verifier.refused.total() == 1


@given(garbage=st.binary(max_size=300))
def test_no_bytes_without_the_key_are_accepted(garbage):
    assert Verifier(KEY, STREAM).accepted(garbage, STAMP) is None


@given(stamp=stamps)
def test_a_line_counts_at_its_own_time_alone(stamp):
    assume(stamp != STAMP)

    assert Verifier(KEY, STREAM).accepted(sent(), stamp) is None


@pytest.mark.parametrize(
    "other", [{"key": bytes(16)}, {"stream": "bci-online/monday/panel"}, {"stream": "x"}]
)
def test_another_key_or_stream_signs_nothing_for_this_one(other):
    verifier = Verifier(KEY, STREAM)

    assert verifier.accepted(sent(**other), STAMP) is None
    assert verifier.refused == {"not signed with this session's key": 1}


@given(order=st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_however_lines_are_sent_again_none_counts_twice_or_after_a_later_one(order):
    signer, verifier = Signer(KEY, STREAM), Verifier(KEY, STREAM)
    said = [signer.signed(f'{{"n":{n}}}', STAMP).encode() for n in range(10)]

    accepted = [n for n in order if verifier.accepted(said[n], STAMP)]

    # Exactly the new maxima: what is older than the last that counted does not count.
    assert accepted == [n for i, n in enumerate(order) if n > max(order[:i], default=-1)]
    assert verifier.refused.total() == len(order) - len(accepted)


def test_a_part_that_starts_again_counts_from_one_and_its_old_lines_stay_refused():
    verifier, before, after = Verifier(KEY, STREAM), Signer(KEY, STREAM), Signer(KEY, STREAM)
    old = [before.signed(LINE, STAMP).encode() for _ in range(3)]
    assert all(verifier.accepted(line, STAMP) for line in old)

    assert verifier.accepted(after.signed(LINE, STAMP).encode(), STAMP) == LINE

    assert [verifier.accepted(line, STAMP) for line in old] == [""] * 3
    assert verifier.refused == {"sent before": 3}


@pytest.mark.parametrize("line", ["", "{}", "flash/1/target", "[1]", '{"open":'])
def test_what_is_no_json_object_cannot_be_signed(line):
    with pytest.raises(ValueError, match="JSON object"):
        Signer(KEY, STREAM).signed(line, STAMP)
