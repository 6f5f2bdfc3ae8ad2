"""A look as HTML: it holds what the terminal shows, and nothing of a recording is markup there."""

import pytest
from checked_page import Page
from foreign_session import amplifier, markers, signal, written

from bci_online.look import Look, look_at
from bci_online.look.page import look_page

EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def look(tmp_path_factory) -> Look:
    folder = tmp_path_factory.mktemp("page")
    streams = amplifier(signal() * 1e-6, name=EVIL, ch_names=(EVIL, "Pz", "C3", "C4")), markers()
    return look_at(written(folder, *streams))


@pytest.mark.slow
def test_the_page_is_sound_and_names_of_the_recording_are_text(look):
    page = Page(look_page(look))

    assert page.faults == []
    assert "script" not in page.tags
    assert EVIL in page.text
    assert len(page.pictures) == 2


@pytest.mark.slow
def test_the_page_has_each_finding_with_its_line_and_the_configuration(look):
    page = Page(look_page(look))

    for finding in look.findings:
        assert finding.value in page.text
        assert finding.line in page.text
    assert " ".join(look.toml.split()) in page.text


def test_a_look_without_eeg_has_a_page_too():
    page = Page(look_page(Look(name="empty.xdf", streams=(), findings=(), toml="")))

    assert page.faults == []
    assert page.pictures == []
