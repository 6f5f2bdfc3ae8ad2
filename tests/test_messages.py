import msgspec
import numpy as np
import pytest

from bci_online import messages
from bci_online.messages import Chunk, Decision, Gap, Marker, Message, Reading, read_only

MARKER = Marker("flash/1/target", 5.0)


def test_an_array_that_is_read_only_cannot_be_written_and_is_no_copy():
    array = np.zeros(3)

    same = read_only(array)

    assert same is array
    with pytest.raises(ValueError, match="read-only"):
        same[0] = 1.0


@pytest.mark.parametrize("message", [MARKER, Gap(1, 2, 3.0, True), Decision("A", 1, 0.9, 5.0),
                                     Reading(), Chunk(np.zeros((0, 2)), np.zeros(0))],
                         ids=lambda message: type(message).__name__)  # fmt: skip
def test_a_message_cannot_be_changed(message):
    name = message.__struct_fields__[0]

    with pytest.raises(AttributeError):
        setattr(message, name, None)


def test_every_message_in_the_map_is_a_frozen_struct_without_a_dict():
    structs = [getattr(messages, name) for name in messages.__all__]
    structs = [s for s in structs if isinstance(s, type) and issubclass(s, msgspec.Struct)]

    assert len(structs) >= 15
    assert all(struct.__struct_config__.frozen for struct in structs)
    assert not any(hasattr(struct, "__dict__") and struct.__dictoffset__ for struct in structs)


def test_what_the_chain_says_carries_its_type_in_json():
    types = [struct.__struct_config__.tag for struct in Message.__args__]

    assert types == ["gap", "epoch", "rejected", "retracted", "score", "decision",
                     "reconsidered", "journal", "status", "session_end"]  # fmt: skip
    assert msgspec.json.encode(Gap(5, 3, 1.5, False)) == (
        b'{"type":"gap","sample":5,"n_lost":3,"time":1.5,"bridged":false,"late":false,'
        b'"reason":"loss","step_s":0.0}'
    )


def test_two_decisions_do_not_share_their_evidence():
    first, second = Decision(None, 1, 0.0, 0.0), Decision(None, 1, 0.0, 0.0)

    first.evidence["A"] = 1.0

    assert second.evidence == {}


def test_an_empty_reading_holds_nothing():
    reading = Reading()

    assert (reading.chunks, reading.markers, reading.offsets, reading.commands) == ((), (), (), ())


def test_markers_are_equal_and_hash_alike_where_text_time_and_stream_are():
    assert {MARKER, Marker("flash/1/target", 5.0)} == {MARKER}
    assert len({MARKER, Marker("flash/1/target", 5.0, "other"), Marker("x", 5.0)}) == 3
