"""The presentation, the simulated subject and the online chain, in one loop without LSL."""

import msgspec
import pytest
import simulated_files
from screens import FINISH, START

from bci_online.acquisition.simulator import SimulatedAmplifier
from bci_online.config import Config, Stopping
from bci_online.messages import Decision
from bci_online.paradigms.p300_presentation import P300Presentation
from bci_online.runtime.assembly import load_decoder, online_chain

LEAD_S = 6.0


def spelled(config: Config, mode: str, word: str, seed: int) -> tuple[str, int, int]:
    """Return what the simulated subject spelled, in how many flashes, and decisions dropped."""
    simulation = msgspec.structs.replace(config.simulation, seed=seed)
    amplifier = SimulatedAmplifier(simulation)
    chain, _ = online_chain(load_decoder(simulated_files.decoder()), amplifier.spec)
    screen = P300Presentation(config, mode, () if mode == "free" else (word,), lead_s=LEAD_S)
    news: list = [START]
    while True:
        picture, markers = screen.step(amplifier.now, news)
        if mode == "free":
            amplifier.attend(word[len(picture.spelled)] if len(picture.spelled) < len(word) else "")
        for marker in markers:
            amplifier.mark(marker)
        if picture.state == "ended":
            return "".join(picture.spelled), picture.flashes, picture.dropped
        amplifier.advance(1 / config.presentation.refresh_hz)
        news = [m for m in chain.push(amplifier.read()) if isinstance(m, Decision)]
        if len(picture.spelled) == len(word):
            news.append(FINISH)


@pytest.mark.parametrize("mode", ["copy", "free"])
@pytest.mark.parametrize("order", ["row-column", "random-groups"])
def test_the_simulated_subject_spells_a_word_with_fewer_flashes_than_all(mode, order):
    config = msgspec.structs.replace(
        simulated_files.CONFIG,
        presentation=msgspec.structs.replace(simulated_files.CONFIG.presentation, order=order),
        stopping=Stopping(max_repetitions=15),
    )

    text, n_flashes, n_dropped = spelled(config, mode, "BCI", seed=7)

    assert text == "BCI"
    assert n_flashes < 3 * 15 * 12
    assert n_dropped == 0
