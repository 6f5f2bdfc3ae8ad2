"""Write what one version of this program leaves, so that later versions prove that they read it.

    python tests/released/make.py FOLDER

It runs the commands of the version that is installed, or first in PYTHONPATH: decoders, recordings,
the folder of a session, and in `decided.json` what was decided. A release adds its folder here.
Folders that are named by a commit were written by the code of that commit: formats from before the
first release.
"""

import json
import subprocess
import sys
from pathlib import Path

LETTERS = """
[presentation]
repetitions = 6
cue_s = 0.5
decision_s = 0.5
pause_s = 0.5
[simulation]
ch_names = ["Cz", "Pz"]
sfreq = 64.0
p300_uv = 10.0
noise_uv = 6.0
"""
IMAGERY = """
paradigm = "motor_imagery"
[presentation]
classes = ["left_hand", "right_hand"]
trials_per_class = 5
[filter]
l_freq = 8.0
h_freq = 30.0
[simulation]
ch_names = ["C3", "Cz", "C4"]
sfreq = 64.0
"""
FACTS = ("value", "trial", "truth", "repetitions", "flashes", "confidence")


def run(module: str, *arguments: object) -> str:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def decided(recording: Path, decoder: Path) -> list[dict]:
    rows = run("bci_online", "replay", recording, "--decoder", decoder, "--json", "-").splitlines()
    lines = [json.loads(row) for row in rows]
    kinds = {"decision", "no_decision"}
    return [{key: row[key] for key in FACTS} for row in lines if row["type"] in kinds]


def main(folder: Path) -> None:
    folder.mkdir(parents=True)
    found = {}
    for name, text, method, calibrates, asks in (
        ("letters", LETTERS, "lda", ("--word", "FOX"), ("--word", "AB")),
        ("imagery", IMAGERY, "csp-lda", (), ()),
    ):
        config, training = folder / f"{name}.toml", folder / f"{name}-training.xdf"
        config.write_text(text, encoding="utf-8")
        recording, decoder = folder / f"{name}.xdf", folder / f"{name}.decoder"
        simulate = ("bci_online", "simulate", "--config", config)
        run(*simulate, *calibrates, "--seed", 2, "-o", training)
        run(*simulate, *asks, "--seed", 1, "-o", recording)
        run("calibration", "train", training, "--config", config, "--method", method, "-o", decoder)
        training.unlink()
        found[name] = decided(recording, decoder)
    session = folder / "session"
    run(
        "bci_online", "spell", "--decoder", folder / "letters.decoder", "--simulate", "--headless",
        "--copy", "AB", "--config", folder / "letters.toml", "-o", session,
    )  # fmt: skip
    found["session"] = decided(next(session.glob("*.xdf")), session / "session.decoder")
    (folder / "decided.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
