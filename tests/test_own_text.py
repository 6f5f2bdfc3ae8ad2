import stat

import numpy as np
import pytest

from bci_online.config import Config, LanguageSpec
from bci_online.errors import BciError
from bci_online.own_text import add_own_text, erase_own_text, own_text_path, read_own_text
from bci_online.paradigms.p300.expected_words import ExpectedWords
from bci_online.paradigms.p300.matrix import SymbolMatrix
from bci_online.paradigms.p300.text_so_far import continued

OWN = Config(language=LanguageSpec(code="en", own_text="anna"))


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def offered(config: Config, free: bool = True) -> tuple[str, ...]:
    """Return the words that are offered at the start of a text."""
    return SymbolMatrix(config, "en", free=free).row


def test_each_session_is_a_line_that_only_its_user_can_read():
    add_own_text("anna", "HELLO ZOE ")
    add_own_text("anna", "")
    add_own_text("anna", "TWO\nLINES")

    assert read_own_text("anna") == "HELLO ZOE\nTWO LINES\n"
    assert stat.S_IMODE(own_text_path("anna").stat().st_mode) == 0o600


def test_an_erased_text_is_gone():
    add_own_text("anna", "HELLO")

    assert (erase_own_text("anna"), erase_own_text("anna")) == (True, False)
    assert read_own_text("anna") == ""


def test_no_name_is_no_file():
    with pytest.raises(ValueError, match="needs a name"):
        own_text_path("")


def test_words_of_earlier_sessions_are_offered_in_free_spelling_alone():
    before = offered(OWN)
    add_own_text("anna", "GOOD MORNING ZOLANDA " * 50)

    assert "ZOLANDA" not in before
    assert "ZOLANDA" in offered(OWN)
    assert "ZOLANDA" not in offered(Config(language=LanguageSpec(code="en")))
    assert offered(OWN, free=False) == ()


def test_what_is_written_now_says_more_than_what_was_written_before():
    words = ExpectedWords(["one", "two", "zed"], np.array([0.4, 0.4, 0.2]))

    found = continued(words, ["one", "two"], earlier=["one", "zoe"])

    assert found.probabilities.sum() == pytest.approx(1.0)
    assert found.probability("two") > found.probability("zoe") > 0


@pytest.mark.parametrize("name", ["../anna", "a/b", "a.b", "é", "a" * 65, "a\n"])
def test_a_name_cannot_lead_to_another_file(name):
    with pytest.raises(ValueError, match="must be a name"):
        own_text_path(name)


def test_a_text_that_cannot_be_read_is_refused_in_one_line():
    own_text_path("anna").mkdir(parents=True)

    with pytest.raises(BciError, match="cannot be read: Is a directory"):
        read_own_text("anna")


def test_a_folder_that_is_no_absolute_path_is_refused(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "data")

    with pytest.raises(BciError, match="data: must be an absolute path; set XDG_DATA_HOME"):
        own_text_path("anna")
