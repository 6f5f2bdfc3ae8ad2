"""The cards of a decoder: its training, and its use."""

import msgspec

from bci_online.lab import session_actions
from bci_online.lab.actions import Action
from bci_online.lab.contents import LabDecoder, RecordedRun
from bci_online.lab.lab_state import Card, LabState, calibrations_of, missing_of, stops_of
from bci_online.lab.said import Said

LETTERS, TRIALS = frozenset({"copy", "free"}), frozenset({"feedback"})
FEW_LETTERS = 12
"""With fewer calibration letters a promise is wide, and more of them narrow it."""
FEW_TRIALS = 40
"""The same of trials: with so many, the interval of a rate is still 0.3 wide."""


def decoder_card(state: LabState) -> Card:
    """Return the card of the training, and of what the decoder promises."""
    job, decoder = state.last("train"), state.choice.decoder_in(state.lab)
    if missing := missing_of(state):
        return Card(step="decoder", state="blocked", line=missing)
    if job is not None and job.is_running:
        return Card(step="decoder", state="next", line=Said("decoder.trains"), job=job)
    action = session_actions.train(state.lab, state.choice, state.now)
    actions = () if action is None else (action,)
    helped = session_actions.train(state.lab, state.choice, state.now, library=True)
    # What is trained on does not help.
    others = (state.lab.library or frozenset()) - {run.sha256 for run in calibrations_of(state)}
    if helped is not None and state.has_library and others:
        actions = (*actions, helped)
    if decoder is not None:
        figures: dict[str, str | int | float] = {"method": decoder.method}
        line = Said(f"decoder.made_{decoder.kind}", figures | {"figure": figure_of(decoder)})
        facts = _promise(decoder, calibrations_of(state))
        return Card(step="decoder", state="done", line=line, facts=facts, actions=actions, job=job)
    if action is None:
        return Card(step="decoder", state="blocked", line=Said("blocked.calibration"), job=job)
    return Card(step="decoder", state="next", line=Said("decoder.do"), actions=actions, job=job)


def figure_of(decoder: LabDecoder) -> str:
    """Return how good a decoder is, in one number: share of trials right, or AUC of flashes."""
    if decoder.is_imagery:
        return "?" if decoder.right is None else f"{decoder.right[1]:.2f}"
    return "?" if decoder.auc is None else f"{decoder.auc:.2f}"


def _promise(decoder: LabDecoder, recorded: tuple[RecordedRun, ...]) -> tuple[Said, ...]:
    """Return what a decoder promises, and whether more calibration would help."""
    facts: list[Said] = []
    kind = decoder.kind
    if decoder.right:
        low, right, high = (round(10 * share, 1) for share in decoder.right)
        facts.append(Said(f"decoder.right_{kind}", {"right": right, "low": low, "high": high}))
    if decoder.seconds:
        facts.append(Said(f"decoder.seconds_{kind}", {"seconds": round(decoder.seconds[1], 1)}))
    if decoder.right:
        is_few = decoder.shown < (FEW_TRIALS if decoder.is_imagery else FEW_LETTERS)
        more = "decoder.more" if is_few else "decoder.enough"
        facts.append(Said(f"{more}_{kind}", {"shown": decoder.shown}))
    names = " ".join(decoder.sensors)
    facts.append(Said("decoder.sensors", {"n": len(decoder.sensors), "names": names}))
    if any(run.sha256 not in decoder.trained_on for run in recorded if run.sha256):
        facts.append(Said("decoder.newer"))
    return tuple(facts)


def use_card(state: LabState) -> Card:
    """Return the card of spelling, or of feedback in motor imagery."""
    configuration = state.choice.configuration_in(state.lab)
    card = _use_card(state)
    action = "" if card.job is None or not card.job.is_running else card.job.record.action
    is_imagery = configuration is not None and configuration.is_imagery
    title = "feedback" if action == "feedback" or (is_imagery and not action) else "use"
    return msgspec.structs.replace(card, title=title)


def _use_card(state: LabState) -> Card:
    job, decoder = state.last("spell", "feedback"), state.choice.decoder_in(state.lab)
    configuration = state.choice.configuration_in(state.lab)
    modes = TRIALS if configuration is not None and configuration.is_imagery else LETTERS
    used = [run for run in state.lab.runs_of(state.choice.subject) if run.mode in modes]
    done = Said("use.done", {"runs": len(used)})
    if job is not None and job.is_running:
        return Card(step="use", state="next", line=Said("use.runs"), job=job)
    if stops := stops_of(state):
        line = done if used else stops
        return Card(step="use", state="done" if used else "blocked", line=line, job=job)
    if decoder is None and configuration is not None and configuration.is_imagery:
        return Card(step="use", state="blocked", line=Said("blocked.decoder"), job=job)
    if decoder is not None and decoder.is_imagery:
        action = session_actions.feedback(state.lab, state.choice, state.now)
    else:
        action = session_actions.spell(state.lab, state.choice, state.now)
    actions: tuple[Action, ...] = (action,)
    if decoder is None and state.has_library:
        helped = session_actions.spell(state.lab, state.choice, state.now, library=True)
        actions = (*actions, helped)
    if decoder is None and not used:
        # It can be done, but the usual way is to calibrate first.
        line = Said("use.uncalibrated")
        return Card(step="use", state="blocked", line=line, actions=actions, job=job)
    return Card(
        step="use",
        state="done" if used else "next",
        line=done if used else Said("use.do_trials" if modes is TRIALS else "use.do"),
        facts=() if decoder else (Said("use.none"),),
        actions=actions,
        job=job,
    )
