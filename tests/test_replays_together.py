"""Several recordings are replayed one by one, and counted together."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import simulated_files

from bci_online.__main__ import app as online
from bci_online.config import Preprocessing
from bci_online.config.decoder import DecoderHeader
from bci_online.console import run
from bci_online.markers import Flash
from bci_online.messages import Marker, Retracted, Score
from bci_online.metrics import proportion_interval
from bci_online.runtime.total import RunTotal


def rows(capsys, *arguments: object, code: int = 0) -> list[dict]:
    assert run(online, ["replay", *map(str, arguments), "--json", "-"]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.slow
def test_the_total_of_a_folder_is_the_sum_of_its_recordings(capsys, tmp_path) -> None:
    decoder = simulated_files.decoder()
    folder = tmp_path / "session"
    folder.mkdir()
    for number, seed in enumerate((1, 3)):
        shutil.copy(simulated_files.recording("CAB", seed), folder / f"run-{number}.xdf")

    each = [rows(capsys, path, "--decoder", decoder) for path in sorted(folder.iterdir())]
    both = rows(capsys, folder, "--decoder", decoder)

    first, second = (one[-1] for one in each)
    total = both[-1]
    assert [row["type"] for row in both if row["type"] == "recording"] == ["recording"] * 2
    apart = [row for one in each for row in one if row["type"] == "decision"]
    assert [row for row in both if row["type"] == "decision"] == apart
    assert [row["recordings"] for row in both if row["type"] == "summary"] == [1, 1, 2]
    for name in ("presented", "decisions", "known", "correct", "epochs", "lost_samples"):
        assert total[name] == first[name] + second[name], name
    assert total["letters"] == first["letters"] + second["letters"]
    low, high = proportion_interval(total["correct"], total["known"])
    assert total["accuracy_ci"] == pytest.approx([low, high])
    assert total["duration_s"] == pytest.approx(first["duration_s"] + second["duration_s"])
    assert min(first["auc"], second["auc"]) <= total["auc"] <= max(first["auc"], second["auc"])
    # One that cannot be opened spoils neither the others nor their total.
    (folder / "broken.xdf").write_bytes(b"XDF:" + bytes(100))
    assert rows(capsys, folder, "--decoder", decoder, code=2)[-1]["letters"] == total["letters"]


def test_what_is_taken_back_in_one_recording_stays_in_the_other() -> None:
    own = Preprocessing(sfreq=256.0, ch_names=("Cz",))
    total = RunTotal(DecoderHeader(method="lda", preprocessing=own), ())
    flash = Marker(Flash(1, True).text(), 5.0)
    runs = []

    for _ in range(2):
        runs.append(total.run())
        runs[-1].take(Score(flash, 5.0, np.array([-5.0, 5.0]), onset=40))
    runs[1].take(Retracted(flash, onset=40))

    assert len(total._everything._scores) == 2
    assert sorted(total._everything._scores._scores)[0] == 0.0
    assert sorted(total._everything._scores._scores)[1] > 0.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("a", "a"), "is the same recording as"),
        (("a", "b", "--trials", "1"), "--trials counts the letters of one recording"),
        (("a", "b", "--lsl"), "--lsl plays one RECORDING"),
        (("empty",), "the folder holds no recording"),
    ],
)
def test_recordings_that_cannot_be_counted_together_are_refused(
    capsys, tmp_path, options, message
) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(f"XDF:{name}".encode())
    (tmp_path / "empty").mkdir()
    known = {name: tmp_path / name for name in ("a", "b", "empty")}
    arguments = [str(known.get(option, option)) for option in options]

    assert run(online, ["replay", *arguments, "--decoder", str(Path("no.decoder"))]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
