"""What a run through the chain shows that is wrong, and its figures."""

import numpy as np

from bci_online.config import Config
from bci_online.counted import counted, some
from bci_online.input_findings import InputFinding
from bci_online.look.leaks import leak_finding, leaking_channels
from bci_online.look.run_through import RunThrough
from bci_online.look.stimuli import UNLABELLED
from bci_online.look.words import unread_words
from bci_online.paradigms.p300.flash_sequences import (
    flashed_objects,
    missing_flashes,
    shifted_codes,
)
from bci_online.paradigms.p300.layout_fit import contradiction
from bci_online.stimulus_findings import (
    MOST_REJECTED,
    causes_of,
    costly,
    letter_cut_off,
    outside_letters,
)

__all__ = ["figures", "run_findings"]

# Losses that cost less are figures, and no faults.
MOST_LOST = 0.01
CHOOSE = "markers.names chooses one"


def run_findings(run: RunThrough, config: Config) -> list[InputFinding]:
    """Return what is wrong with a recording, as it is read now.

    Parameters
    ----------
    run : RunThrough
        The recording in the chain.
    config : Config
        How it was read.

    Returns
    -------
    findings : list of InputFinding
        In no order.

    See Also
    --------
    bci_online.input_findings.ordered : Orders them.
    """
    found = [*run.findings, *_damage(run), *_words(run, config), *_times(run)]
    of_codes = (
        contradiction(run.stimuli.labels, config.layout),
        shifted_codes(run.stimuli.sequences),
        flashed_objects(run.stimuli.sequences),
        missing_flashes(run.stimuli.sequences),
    )
    found += [*_leaks(run), *_stimuli(run)]
    return found + [finding for finding in of_codes if finding is not None]


def _damage(run: RunThrough) -> list[InputFinding]:
    found = [InputFinding("damage", "the file", note) for note in run.notes]
    if run.damaged:
        what = some([f"{name} ({n})" for name, n in run.damaged.most_common()])
        value = (
            f"samples that are no numbers, or larger than any voltage: {what}; epochs over them "
            "are rejected"
        )
        found.append(InputFinding("damage", f"stream {run.spec.name!r}", value))
    return found


def _words(run: RunThrough, config: Config) -> list[InputFinding]:
    markers = config.markers
    unread = unread_words(run.markers, markers.translate, markers.join) if run.markers else None
    return [] if unread is None else [unread]


def _leaks(run: RunThrough) -> list[InputFinding]:
    epochs, own = run.stimuli.by_class(), run.preprocessing
    if own.window is not None or not {"target", "nontarget"} <= set(epochs):
        return []
    targets, others = epochs["target"], epochs["nontarget"]
    X = np.stack([epoch.data for epoch in (*targets, *others)])
    y = np.arange(len(X)) < len(targets)
    reasons = leaking_channels(X, y, own.ch_names, own.epoch.latencies)
    return [leak_finding(name, why) for name, why in reasons.items()]


def _times(run: RunThrough) -> list[InputFinding]:
    lost, expected = run.n_lost, run.duration_s * run.spec.sfreq
    what = f"stream {run.spec.name!r}"
    found = [
        InputFinding(
            "time",
            what,
            f"its stamps stepped by {gap.step_s:g} s at {gap.time:.1f} s, and no offset explains "
            "it; what lies around it is left out",
        )
        for gap in run.gaps
        if gap.step_s
    ][:5]
    if lost > MOST_LOST * expected:
        samples, gaps = counted(lost, "sample"), counted(len(run.gaps), "gap")
        value = f"lost {samples} in {gaps}, {100 * lost / expected:.1f} % of all"
        found.append(InputFinding("losses", what, value, "look at the amplifier's connection"))
    return found + [
        InputFinding("same events", "the markers", text.partition("; ")[0], CHOOSE)
        for text in run.twins
    ]


def _stimuli(run: RunThrough) -> list[InputFinding]:
    stimuli, n = run.stimuli, run.stimuli.n_cut
    found = []
    steps = sum(gap.step_s != 0 for gap in run.gaps)
    causes = causes_of(stimuli.rejected, "stimulus", run.n_lost, steps)
    for cause in causes:
        if cause.reason != UNLABELLED or cause.n <= MOST_REJECTED * n:
            continue
        what, value = f"{cause.n} of {n} flashes", "no marker says whether they are targets"
        found.append(InputFinding("no labels", what, value, cause.way_out))
        if stimuli.unknown_codes > MOST_REJECTED * n:
            value = f"the layout lacks the codes of {stimuli.unknown_codes} flashes"
            found.append(InputFinding("layout", what, value, "set [layout] to what was shown"))
    # Where clocks differ, there are no samples at the times of the markers.
    if not any(finding.kind == "clocks apart" for finding in run.findings):
        found += costly([cause for cause in causes if cause.reason != UNLABELLED], n)
    if stimuli.cut_off is not None:
        found.append(letter_cut_off(*stimuli.cut_off))
    if stimuli.n_letters and 0 < stimuli.n_outside < n:
        found.append(outside_letters(stimuli.n_outside))
    return found


def figures(run: RunThrough) -> list[tuple[str, str]]:
    """Return names and values of a run.

    Parameters
    ----------
    run : RunThrough
        The recording in the chain.

    Returns
    -------
    rows : list of (str, str)
        For a person.

    See Also
    --------
    run_findings : What of it is wrong.
    """
    stimuli = run.stimuli
    counts = ", ".join(f"{n} {label}" for label, n in stimuli.counts().items())
    rejected = ", ".join(f"{n} {reason}" for reason, n in stimuli.rejected.most_common() if n)
    lacking = stimuli.unknown_codes
    rate = "measured" if run.spec.measured else "stated"
    trials = counted(stimuli.n_letters, "trial")
    return [
        ("length", f"{run.duration_s:.1f} s at {run.spec.sfreq:g} Hz ({rate})"),
        ("lost", f"{counted(run.n_lost, 'sample')} in {counted(len(run.gaps), 'gap')}"),
        ("stimuli", f"{stimuli.n_stimuli} in {trials}; used: {counts or 'none'}"),
        ("rejected", rejected or "none"),
        *([("layout", f"lacks the codes of {lacking} flashes")] if lacking else []),
    ]
