"""Lines that a stranger forges under a session's name."""

import numpy as np

from benchmarks.faults.fault import Fault, Group, Outcome
from benchmarks.faults.forged_lines import refusals
from benchmarks.faults.stage import Stage

TIMES, MOST_MS = 100, 0.1


def once(stage: Stage, number: int) -> Outcome:
    """Show a thousand forged lines to what a session's parts ask, between true ones."""
    found = refusals(TIMES, number)
    median_ms = 1e3 * float(np.median(found.costs))
    wrong = ""
    if found.n_refused != found.n_forged:
        wrong = f"{found.n_forged - found.n_refused} forged lines were accepted"
    elif found.n_accepted != found.n_true:
        wrong = f"{found.n_true - found.n_accepted} true lines were refused"
    elif median_ms > MOST_MS:
        wrong = f"refusing a line takes more than {MOST_MS:g} ms"
    facts: dict[str, float | str] = {
        "forged": float(found.n_forged), "refused": float(found.n_refused), "ms": f"{median_ms:.3f}"
    }  # fmt: skip
    return Outcome(facts=facts, wrong=wrong)


TEXT = f"""\
Ten kinds of forgeries, each made of a true line, {TIMES} times each, between true lines of the
session. Right means: every forged line refused, every true one accepted, at most {MOST_MS:g} ms a
line.
"""
STRANGERS = Group(
    "strangers", "Forged lines", TEXT,
    (Fault("forged", "lines forged under a session's name", once),),
    "lines",
    {"forged": "forged", "refused": "refused", "ms a line": "ms"},
    is_live=False,
)  # fmt: skip
