"""What recordings come to for training."""

import msgspec
import numpy as np
import pytest
from simulated_files import CONFIG, recording

from bci_online.config import LayoutSpec
from bci_online.errors import RecordingError
from bci_online.messages import Reading
from calibration.chain_runs import sources_of
from calibration.p300.labelled_epochs import labelled_epochs


class Rewritten:
    """A recording whose markers are put otherwise."""

    def __init__(self, source, rewrite):
        self._source, self._rewrite = source, rewrite

    def __getattr__(self, name):
        return getattr(self._source, name)

    def read(self, timeout: float = 0.0) -> Reading | None:
        reading = self._source.read(timeout)
        if reading is None:
            return None
        markers = tuple(
            msgspec.structs.replace(marker, text=self._rewrite(marker.text))
            for marker in reading.markers
        )
        return msgspec.structs.replace(reading, markers=markers)


def without_labels(text: str) -> str:
    return text.replace("/nontarget", "/unknown").replace("/target", "/unknown")


def epochs_of(rewrite=str, config=CONFIG):
    sources = [
        (name, Rewritten(source, rewrite)) for name, source in sources_of([recording()], CONFIG)
    ]
    return labelled_epochs(sources, config)


def test_labels_follow_from_the_letter_and_the_layout():
    told, derived = epochs_of(), epochs_of(without_labels)

    np.testing.assert_array_equal(derived.y, told.y)
    np.testing.assert_array_equal(derived.X, told.X)
    (note,) = derived.notes
    assert note.startswith(f"{len(told)} flashes are labelled by their letter and the layout")
    assert told.notes == ()


@pytest.mark.parametrize("what", ["letter", "layout"])
def test_without_the_letter_or_its_place_in_the_layout_nobody_knows(what):
    def rewrite(text: str) -> str:
        text = without_labels(text)
        if what == "letter" and text.startswith("trial/start/"):
            return "/".join([*text.split("/")[:3], ""])
        return "note/other" if what == "layout" and text.startswith("layout/") else text

    other = msgspec.structs.replace(CONFIG, layout=LayoutSpec(rows=("123456", "ÄÖÜßÉÈ")))

    with pytest.raises(RecordingError, match=r"every flash was rejected: [0-9]+ unlabelled"):
        epochs_of(rewrite, other if what == "layout" else CONFIG)


def test_letters_of_another_numbering_count_for_nothing_and_the_right_one_is_named():
    rows_first = msgspec.structs.replace(CONFIG, layout=LayoutSpec(numbering="rows-first"))

    def of_their_screen(text):
        return "nothing" if text.startswith("layout/") else text

    ours, theirs = epochs_of(of_their_screen), epochs_of(of_their_screen, rows_first)

    np.testing.assert_array_equal(theirs.y, ours.y)
    assert {letter.truth for letter in theirs.letters} == {""}
    assert "" not in {letter.truth for letter in ours.letters}
    assert theirs.notes[0].endswith('layout.numbering = "columns-first"')
    assert not any("[layout]" in note for note in ours.notes)
