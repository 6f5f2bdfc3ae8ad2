import uuid

import pytest
import simulated_files

import bci_online.acquisition.xdf.source
from bci_online.acquisition.xdf.file import load_streams
from bci_online.commands import play
from bci_online.commands.play import play_recording
from bci_online.errors import BciError

pytestmark = pytest.mark.live


def test_a_recording_that_is_played_is_loaded_once(monkeypatch) -> None:
    loaded = []

    def load(*arguments):
        loaded.append(arguments)
        return load_streams(*arguments)

    monkeypatch.setattr(bci_online.acquisition.xdf.source, "load_streams", load)
    monkeypatch.setattr(play, "PATIENCE_S", 0.1)

    with pytest.raises(BciError, match="no program receives EEG and markers"):
        play_recording(simulated_files.recording(), None, 1.0, uuid.uuid4().hex[:8])

    assert len(loaded) == 1
