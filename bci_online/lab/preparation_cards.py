"""The cards before a decoder: amplifier, electrodes, calibration."""

from bci_online.lab import actions, session_actions
from bci_online.lab.contents import LabConfiguration
from bci_online.lab.lab_state import (
    Card,
    CardState,
    LabState,
    calibrations_of,
    missing_of,
    stops_of,
)
from bci_online.lab.said import Said


def amplifier_card(state: LabState) -> Card:
    """Return the card of the amplifier: which stream is the EEG."""
    job = state.last("streams")
    configuration = state.choice.configuration_in(state.lab)
    missing = missing_of(state)
    if configuration is None or (missing and missing.key == "blocked.fault"):
        return Card(
            step="amplifier", state="blocked", line=missing or Said("blocked.configuration")
        )
    if configuration.simulates:
        return Card(step="amplifier", state="done", line=Said("amplifier.simulated"))
    search = () if job is not None and job.is_running else (actions.find_streams(),)
    if configuration.stream:
        line = Said("amplifier.chosen", {"stream": configuration.stream})
        return Card(step="amplifier", state="done", line=line, actions=search, job=job)
    has_searched = job is not None and job.code == 0
    found = job is not None and any(row.get("type") == "EEG" for row in job.news.rows)
    line = Said("amplifier.none" if has_searched and not found else "amplifier.choose")
    return Card(step="amplifier", state="next", line=line, actions=search, job=job)


def electrodes_card(state: LabState) -> Card:
    """Return the card of the electrodes, as they are at the moment."""
    configuration = state.choice.configuration_in(state.lab)
    if missing := missing_of(state):
        return Card(step="electrodes", state="blocked", line=missing)
    assert configuration is not None
    if configuration.simulates:
        return Card(step="electrodes", state="done", line=Said("electrodes.simulated"))
    if not configuration.stream:
        return Card(step="electrodes", state="blocked", line=Said("blocked.amplifier"))
    seen = state.electrodes
    if not seen.n_channels:
        return Card(step="electrodes", state="next", line=Said("electrodes.look"))
    n_good = seen.n_channels - len(seen.wrong)
    line = Said("electrodes.good", {"good": n_good, "of": seen.n_channels})
    return Card(step="electrodes", state="next" if seen.wrong else "done", line=line)


def calibrate_card(state: LabState) -> Card:
    """Return the card of the calibration: what is recorded, and how long one takes."""
    job, recorded = state.last("calibrate"), calibrations_of(state)
    configuration = state.choice.configuration_in(state.lab)
    n_shown = sum(run.shown for run in recorded)
    kind = "trials" if configuration is not None and configuration.is_imagery else "letters"
    line = Said(f"calibrate.recorded_{kind}", {"n": n_shown})
    if stops := stops_of(state):
        is_ours = job is not None and job.is_running
        line = Said("calibrate.runs") if is_ours else line if recorded else stops
        how: CardState = "next" if is_ours else "done" if recorded else "blocked"
        return Card(step="calibrate", state=how, line=line, job=job)
    assert configuration is not None
    minutes = max(1, round(configuration.calibration_s / 60))
    facts = [Said(f"calibrate.plan_{kind}", {"n": configuration.shown, "minutes": minutes})]
    if not configuration.is_imagery:
        facts.append(Said("calibrate.words", {"words": " ".join(configuration.words)}))
    facts.append(_where(configuration, state.monitors))
    return Card(
        step="calibrate",
        state="done" if recorded else "next",
        line=line if recorded else Said("calibrate.do"),
        facts=tuple(facts),
        actions=(session_actions.calibrate(state.lab, state.choice, state.now),),
        job=job,
    )


def _where(configuration: LabConfiguration, monitors: tuple[str, ...]) -> Said:
    """Return where the subject's screen will be; a technician may lose sight of this window."""
    monitor = configuration.monitor
    if monitor and monitors and monitor not in monitors:
        known = ", ".join(monitors)
        return Said("calibrate.no_monitor", {"monitor": monitor, "monitors": known})
    if len(monitors) == 1 and not configuration.simulates:
        return Said("calibrate.covers")
    return Said("calibrate.monitor", {"monitor": monitor}) if monitor else Said("calibrate.primary")
