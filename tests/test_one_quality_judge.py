"""The terminal and the panel judge a channel alike."""

import io

import numpy as np
import pytest
import shiboken6
from panel_fed import Fed
from rich.console import Console

from bci_online.channel_quality import Electrodes
from bci_online.gui.panel.signal_figures import SignalFigures
from bci_online.preprocessing.quality import ChannelQuality
from bci_online.terminal.electrode_page import page


def channel(name: str, rms: float = 10.0, **keys) -> ChannelQuality:
    return ChannelQuality(**({"flat": False, "railing": False, "line_noise": 0.1} | keys),
                          name=name, rms=rms)  # fmt: skip


GOOD = (channel("Fz"), channel("C3", 12.0), channel("C4", 9.0))


@pytest.mark.parametrize(
    ("judged", "wrong"),
    [
        (channel("Cz"), {}),
        (channel("Cz", 0.0, flat=True), {"Cz": "flat"}),
        (channel("Cz", railing=True), {"Cz": "railing"}),
        (channel("Cz", line_noise=0.5), {"Cz": "noisy: 50 % mains"}),
        (channel("Cz", 200.0), {"Cz": "loud: 18 times the usual"}),
    ],
)
def test_terminal_and_panel_say_the_same_of_the_same_figures(judged, wrong, qapp):
    channels = (*GOOD, judged)
    figures = SignalFigures(channels, np.array([1.0, 2.0]), np.ones((3, 2)), 250.0, 1000)
    terminal = Console(file=io.StringIO(), width=80)
    fed = Fed(4)

    terminal.print(page(Electrodes(channels, fed.spec.unit)))
    fed.signal.waiting += [fed.spec, figures]
    fed.panel.tick()

    assert fed.panel.scalp.wrong == wrong
    text = terminal.file.getvalue()
    assert f"{4 - len(wrong)} of 4 channels good" in text
    assert all(said in text for said in wrong.values())
    fed.panel.close()
    shiboken6.delete(fed.panel)
