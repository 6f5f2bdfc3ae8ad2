"""What cannot be shown is refused before a folder is made or a process started."""

from pathlib import Path

import msgspec
import pytest

from bci_online.acquisition.lsl import CONFIG_VARIABLE
from bci_online.commands.session_request import SessionRequest
from bci_online.config import Config, LanguageSpec, LayoutSpec
from bci_online.errors import ConfigError


def request(folder: Path) -> SessionRequest:
    return SessionRequest(
        output=folder / "session", config_path=None, subject="01", session="01", run=1,
        simulate=False, headless=True, accept_quality="", as_json=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("config", "mode", "keys", "said"),
    [
        (Config(), "copy", {"words": ("HÉ",)}, "word 'HÉ': the layout has no symbol É"),
        (Config(), "calibration", {"words": ()}, "needs words to spell"),
        (Config(), "free", {"wish": "HÉ"}, "wish 'HÉ': the layout has no symbol é"),
        (Config(language=LanguageSpec(code="xx")), "copy", {"words": ("A",)}, "language 'xx'"),
        (Config(layout=LayoutSpec(rows=("AB", "CD"))), "copy", {"words": ("A",)}, "at least 6"),
    ],
)
def test_what_the_screen_could_not_show_is_refused_before_anything_begins(
    config, mode, keys, said, tmp_path
):
    with pytest.raises(ConfigError, match=said) as caught:
        request(tmp_path).plan(config, "p300", mode, **keys)

    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("copy", ["hello", "HELLO", "Hello World"])
def test_a_copy_is_planned_whatever_its_case(copy, tmp_path):
    config = Config()

    plan = request(tmp_path).plan(config, "p300", "copy", words=config.layout.words(copy))

    assert "".join(plan.words).upper() == copy.replace(" ", "").upper()


def test_no_two_runs_of_a_simulated_subject_have_the_same_noise_and_each_can_be_repeated(
    tmp_path, monkeypatch
):
    # Each plan is for this machine alone, and says so to the programs that it will start.
    monkeypatch.setenv(CONFIG_VARIABLE, "")
    calibrates = msgspec.structs.replace(request(tmp_path), simulate=True)

    def seed_of(mode: str = "calibration", **other: object) -> int:
        asked = msgspec.structs.replace(calibrates, **other)
        return asked.plan(Config(), "p300", mode, words=("AB",)).config.simulation.seed

    seeds = [seed_of(), seed_of("copy"), seed_of(run=2), seed_of(session="02")]
    assert len(set(seeds)) == 4
    assert seed_of() == seeds[0]
