"""The card after a session, and what came of a run."""

import msgspec

from bci_online.lab import actions
from bci_online.lab.contents import RecordedRun
from bci_online.lab.job_record import Job
from bci_online.lab.lab_state import Card, LabState, missing_of
from bci_online.lab.said import Said


def afterwards_card(state: LabState) -> Card:
    """Return the card of a run, the last one if none is chosen: what came of it, and its check."""
    job = state.last("verify", "export", "library")
    runs = [
        run for run in state.lab.runs_of(state.choice.subject) if run.recording and not run.is_open
    ]
    if missing := missing_of(state):
        return Card(step="afterwards", state="blocked", line=missing)
    if session := state.session:
        line = Said("blocked.session", {"subject": session.record.subject})
        return Card(step="afterwards", state="blocked", line=line)
    if not runs:
        return Card(step="afterwards", state="blocked", line=Said("blocked.recorded"))
    run = next((one for one in runs if one.folder == state.choice.run), runs[-1])
    checked = _checked(state.jobs, run)
    facts = [outcome_of(run)]
    facts += [] if checked is None else [_verdict(checked)]
    can = [actions.verify(run)]
    if run.recording is not None and run.recording.stem in state.lab.exported:
        facts.append(Said("afterwards.exported", {"folder": actions.BIDS}))
    else:
        can.append(actions.export(state.lab, run))
    kept_facts, kept_actions = _library(state, run)
    facts += kept_facts
    can += kept_actions
    is_done = checked is not None and not checked.is_running
    return Card(
        step="afterwards",
        state="done" if is_done else "next",
        line=Said(
            "afterwards.last" if run is runs[-1] else "afterwards.earlier",
            {"name": run.folder.name},
        ),
        facts=tuple(facts),
        actions=() if job is not None and job.is_running else tuple(can),
        job=job,
        folder=run.folder,
    )


def _library(state: LabState, run: RecordedRun) -> tuple[list[Said], list[actions.Action]]:
    """Return whether a run is in the lab's library, and how it comes there."""
    held = state.lab.library
    has_letters = run.mode in {"calibration", "copy"} and not run.is_imagery
    if held is None or run.fault or not has_letters:
        return [], []
    if run.sha256 in held:
        return [Said("afterwards.kept", {"folder": actions.LIBRARY})], []
    if not state.choice.consent:
        return [Said("afterwards.asks_consent", {"folder": actions.LIBRARY})], []
    return [], [actions.add_to_library(state.lab, run, state.choice.consent)]


def _checked(jobs: tuple[Job, ...], run: RecordedRun) -> Job | None:
    """Return the newest check of a run; one that was stopped has no result."""
    what = "verify", str(run.folder)
    checks = (job for job in jobs if (job.record.action, job.record.output) == what)
    return next((job for job in checks if job.is_running or job.news.summary), None)


class _Verified(msgspec.Struct):
    """What a check says, as far as it is shown."""

    is_right: bool = False
    decisions: int = 0
    problems: list[str] = []


def _verdict(job: Job) -> Said:
    if job.is_running:
        return Said("afterwards.checking")
    try:
        found = msgspec.convert(job.news.summary, _Verified)
    except msgspec.ValidationError as error:
        found = _Verified(problems=[str(error)])
    if found.is_right:
        return Said("afterwards.right", {"n": found.decisions})
    return Said("afterwards.wrong", {"problem": next(iter(found.problems), job.error)})


def outcome_of(run: RecordedRun) -> Said:
    """Return what came of a run, in one line."""
    if run.is_open:
        return Said("run.open")
    if run.fault:
        return Said("run.fault", {"fault": run.fault})
    figures: dict[str, str | int | float] = {
        "shown": run.shown,
        "correct": run.correct,
        "known": run.known,
        "auc": "?" if run.auc is None else f"{run.auc:.2f}",
        "seconds": "?" if run.seconds is None else f"{run.seconds:.1f}",
        "lost": run.lost_samples,
    }
    kind = "trials" if run.is_imagery or run.mode == "feedback" else "letters"
    if run.is_calibration:
        return Said(f"run.calibration_{kind}", figures)
    return Said(f"run.used_{kind}" if run.known else f"run.free_{kind}", figures)
