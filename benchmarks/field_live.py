r"""Odd devices played live into LSL: what `bci-online run` says of each, and how much it decodes.

    python -m benchmarks.field_live CASES --results live.jsonl [--seconds 30] [--minutes 8]
    python -m benchmarks.field_live CASES --results live.jsonl --table

CASES is a folder with two programs. ``cases.py OUT NAME`` writes a session of a case to train on,
NAME_a.xdf, and where it needs one a NAME.toml; ``live.py NAME SECONDS b`` plays another session as
if its devices were there. A case on which no decoder can be trained runs with that of a sound one.
Each case has an LSL session of its own. Its result is a line of JSON; a run that was stopped goes
on with the next case.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from bci_online.acquisition.lsl import CONFIG_VARIABLE, loopback_config

SOUND = "no_clock_offsets"
STARTS_S, ENDS_S = 30.0, 60.0
LIVE = '\n[security]\nmarkers = "open"\n\n[live]\nlost_after = 2.0\n'
# What every run says: that markers are open, and that the player has ended.
# A busy computer is late.
USUAL = re.compile(
    "not signed|no sample|samples are back|is lost|does not take a connection|ready|is not decided"
    "|decoding|data are|stood still"
)


class Row(msgspec.Struct, frozen=True):
    """One case: whether its own session was trained on, and what the run said and scored."""

    case: str
    is_own: bool
    training: str
    said: tuple[str, ...]
    scored: int
    auc: float | None


def command(
    *words: object, cwd: Path | None = None, env: dict[str, str] | None = None
) -> "subprocess.Popen[str]":
    """Start a program of the project, or one of the cases."""
    return subprocess.Popen(
        [sys.executable, "-B", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=env,
    )


def decoder_of(cases: Path, case: str, folder: Path) -> tuple[Path, str]:
    """Train on a case; return the decoder, which may not be there, and what training says."""
    command(cases / "cases.py", folder, case, cwd=cases).communicate()
    config = ["--config", folder / f"{case}.toml"] if (folder / f"{case}.toml").exists() else []
    path = folder / f"{case}.decoder"
    options = ["--method", "lda", "--no-evaluation", *config, "-o", path]
    training = command("-m", "calibration", "train", folder / f"{case}_a.xdf", *options)
    return path, training.communicate()[1].strip()


def played(cases: Path, case: str, decoder: Path, folder: Path, seconds: float) -> list[str]:
    """Run while the case plays; return the lines of the run: JSON, notes and errors."""
    own = folder / f"{case}.toml"
    config = folder / "live.toml"
    config.write_text((own.read_text() if own.exists() else "") + LIVE)
    lsl = loopback_config(folder, f"field-{case}".replace("_", "-")[:40])
    environment = {**os.environ, CONFIG_VARIABLE: str(lsl)}
    options = ["--decoder", decoder, "--config", config, "--json", "-"]
    player = command(cases / "live.py", case, seconds, "b", cwd=cases, env=environment)
    run = command("-m", "bci_online", "run", *options, env=environment)
    try:
        player.communicate(timeout=STARTS_S + seconds + ENDS_S)
        out, err = run.communicate(timeout=ENDS_S)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=ENDS_S)
    finally:
        player.kill()
        run.kill()
    return [*out.splitlines(), *err.splitlines()]


def computed(cases: Path, case: str, seconds: float) -> Row:
    """Return the row of a case."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        decoder, training = decoder_of(cases, case, folder)
        is_own = decoder.exists()
        if not is_own:
            decoder, _ = decoder_of(cases, SOUND, folder)
        lines = played(cases, case, decoder, folder, seconds)
    said, summary = [], {}
    for line in lines:
        message = json.loads(line) if line.startswith("{") else {"type": "note", "text": line}
        if message["type"] == "summary":
            summary = message
        elif message["type"] in ("status", "note") and not USUAL.search(message["text"]):
            said.append(message["text"].replace(name, ""))
    scored, auc = summary.get("epochs", 0), summary.get("auc")
    return Row(case, is_own, training.replace(name, ""), tuple(dict.fromkeys(said)), scored, auc)


def table(rows: list[Row]) -> list[str]:
    """Return a line of Markdown for each case."""
    lines = ["| case | decoder | flashes scored | AUC | said, first |", "|" + "---|" * 5]
    for row in rows:
        decoder = "own" if row.is_own else "of a sound session"
        auc = "" if row.auc is None else f"{row.auc:.2f}"
        said = (row.said or ("nothing",))[0].replace("|", "/")
        lines.append(f"| {row.case} | {decoder} | {row.scored} | {auc} | {said[:160]} |")
    return lines


def names_of(cases: Path) -> list[str]:
    """Return the names of the cases, as their program has them."""
    text = (cases / "cases.py").read_text(encoding="utf-8")
    return re.findall(r"^@case\(.*?\)\ndef (\w+)\(", text, re.MULTILINE | re.DOTALL)


def main() -> None:
    """Play what is missing, or print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--minutes", type=float, default=1e6, help="stop after so many")
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    lines = asked.results.read_bytes().splitlines() if asked.results.exists() else []
    rows = [msgspec.json.decode(line, type=Row) for line in lines]
    until = time.monotonic() + 60 * asked.minutes
    done = {row.case for row in rows}
    missing = [] if asked.table else [one for one in names_of(asked.cases) if one not in done]
    for case in missing:
        if time.monotonic() > until:
            return
        row = computed(asked.cases.resolve(), case, asked.seconds)
        with asked.results.open("ab") as file:
            file.write(msgspec.json.encode(row) + b"\n")
        print(case, row.is_own, row.scored, row.auc, *row.said, sep=" | ", flush=True)
    if asked.table:
        print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
