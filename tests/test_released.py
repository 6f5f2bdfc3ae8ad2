"""What earlier versions have left is read, and decides as it did."""

import json
from pathlib import Path

import pytest
from recorded_signal import replayed

from bci_online.commands.bodies.recorded_session import RecordedSession
from bci_online.commands.bodies.verification import verify_session
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Decision
from bci_online.session.folder import recordings_in

RELEASED = Path(__file__).with_name("released")
VERSIONS = sorted(path.parent for path in RELEASED.glob("*/decided.json"))
FACTS = ("value", "trial", "repetitions", "flashes")

pytestmark = pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)


def decided(version: Path) -> dict[str, list[dict]]:
    return json.loads((version / "decided.json").read_text(encoding="utf-8"))


def check(again: list[Decision], was: list[dict]) -> None:
    assert [[getattr(one, key) for key in FACTS] for one in again] == [
        [row[key] for key in FACTS] for row in was
    ]
    assert [one.truth or None for one in again] == [row["truth"] for row in was]
    assert [one.confidence for one in again] == pytest.approx(
        [row["confidence"] for row in was], abs=1e-6
    )


@pytest.mark.parametrize("paradigm", ["letters", "imagery"])
def test_a_decoder_decides_a_recording_of_its_version_as_it_did(version, paradigm):
    was = decided(version).get(paradigm)
    if was is None:
        pytest.skip("that version had no such paradigm")
    decoder = read_decoder(version / f"{paradigm}.decoder")

    again = replayed(decoder, version / f"{paradigm}.xdf").decisions

    assert len(was) >= 2
    check(again, was)


def test_the_session_of_a_version_is_verified_and_has_its_summary_made_again(version, capsys):
    folder = version / "session"
    if not folder.exists():
        pytest.skip("that version had no sessions")

    assert verify_session(folder, as_json=True)

    [path] = recordings_in(folder)
    again = replayed(read_decoder(folder / "session.decoder"), path).decisions
    check(again, decided(version)["session"])
    kept = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    made = RecordedSession(path).summary().row()
    assert made["mode"] == kept["mode"]
    assert made["spelled"] == kept["spelled"]
    assert made["screen"]["flashes"] == kept["screen"]["flashes"]
    for figure in ("presented", "decisions", "correct", "letters", "epochs", "rejected"):
        assert made["engine"][figure] == kept["engine"][figure]
