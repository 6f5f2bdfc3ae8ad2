"""The results of a run, and those of a screen."""

from collections.abc import Iterable, Mapping

import msgspec

from bci_online.counted import counted

__all__ = [
    "BadChannel",
    "ScreenSummary",
    "Summary",
    "bad_channels",
    "bad_channels_text",
    "counted_channels",
    "lost_text",
]


class BadChannel(msgspec.Struct, frozen=True):
    """What a channel cost.

    Parameters
    ----------
    seconds : int
        In how many seconds it was not finite, flat or railing.
    rejected : int
        How many epochs were rejected because of it, also because it was too loud.

    See Also
    --------
    counted_channels : Makes it of counts.
    """

    seconds: int = 0
    rejected: int = 0


def counted_channels(
    seconds: Mapping[str, int], rejected: Mapping[str, int]
) -> dict[str, BadChannel]:
    """Return what each channel cost in one run.

    Parameters
    ----------
    seconds, rejected : mapping of str to int
        Bad seconds, and rejected epochs, of each channel.

    Returns
    -------
    bad : dict of str to BadChannel
        In the order of `bad_channels`.

    See Also
    --------
    bad_channels : Puts several runs together.

    Examples
    --------
    >>> counted_channels({"Pz": 3}, {"Pz": 10, "Cz": 12})
    {'Cz': BadChannel(seconds=0, rejected=12), 'Pz': BadChannel(seconds=3, rejected=10)}
    """
    names = {*seconds, *rejected}
    return bad_channels(
        [{one: BadChannel(seconds.get(one, 0), rejected.get(one, 0)) for one in names}]
    )


def bad_channels(runs: Iterable[Mapping[str, BadChannel]]) -> dict[str, BadChannel]:
    """Return what each channel cost in several runs together.

    Parameters
    ----------
    runs : iterable of mapping of str to BadChannel
        One for each run.

    Returns
    -------
    bad : dict of str to BadChannel
        The channel that cost most epochs comes first.

    See Also
    --------
    bad_channels_text : The same in words.

    Examples
    --------
    >>> bad_channels([{"Pz": BadChannel(3, 10)}, {"Pz": BadChannel(1, 0)}])
    {'Pz': BadChannel(seconds=4, rejected=10)}
    """
    total: dict[str, BadChannel] = {}
    for run in runs:
        for name, bad in run.items():
            before = total.get(name, BadChannel())
            total[name] = BadChannel(before.seconds + bad.seconds, before.rejected + bad.rejected)
    return dict(sorted(total.items(), key=lambda one: (-one[1].rejected, -one[1].seconds, one[0])))


def bad_channels_text(bad: Mapping[str, BadChannel], most: int = 8) -> str:
    """Return what each channel cost in words.

    Parameters
    ----------
    bad : mapping of str to BadChannel
        As from `bad_channels`.
    most : int
        So many channels are named.

    Returns
    -------
    text : str
        ``none`` if there is none.

    See Also
    --------
    bad_channels : Counts.

    Examples
    --------
    >>> bad_channels_text({"Pz": BadChannel(seconds=4, rejected=10)})
    'Pz 4 s bad, 10 rejected'
    """
    if not bad:
        return "none"
    named = [
        f"{name} {one.seconds} s bad, {one.rejected} rejected"
        for name, one in list(bad.items())[:most]
    ]
    return "; ".join(named) + (f"; {len(bad) - most} more" if len(bad) > most else "")


def lost_text(lost: int, gaps: int, steps: int) -> str:
    """Return how many samples are missing in words, and how often the stamps stepped.

    Parameters
    ----------
    lost : int
        Missing samples.
    gaps, steps : int
        Where the signal was interrupted, and how many of these were steps of the stamps.

    Returns
    -------
    text : str
        A step of the stamps is no loss.

    See Also
    --------
    bci_online.messages.epochs.Gap : One of them.

    Examples
    --------
    >>> lost_text(250, 2, 0), lost_text(250, 3, 1)
    ('250 samples in 2 gaps', '250 samples in 2 gaps; stamps stepped 1 time')
    """
    stepped = f"; stamps stepped {counted(steps, 'time')}" if steps else ""
    return f"{counted(lost, 'sample')} in {counted(gaps - steps, 'gap')}{stepped}"


class Summary(msgspec.Struct, frozen=True, kw_only=True, tag="summary"):
    """The results of a run, or of several together; a figure that does not apply is None.

    Parameters
    ----------
    recordings : int
        How many runs.
    presented, decisions, no_decision : int
        Letters or trials in all, with a decision, and without one. A timeout counts as wrong.
    known, correct : int
        Of how many the truth is known, and how many of these are right.
    accuracy, accuracy_ci : float, (float, float)
        ``correct / known``, and its 95 % interval.
    taken_back : int
        Letters that an error potential took back; they count above as they were decided. Left out
        where no error potentials were read.
    letters : str
        The decided letters, at most the last 10,000.
    auc : float
        Over all labelled flashes, where a rejected flash scores the prior. In motor imagery over
        the windows of two classes.
    epochs, rejected, retracted : int, dict of str to int, int
        Epochs that were scored, rejected (for each reason), and taken back.
    suspect, late : int
        Epochs taken back after their trial was decided, and decisions that came too late.
    bad_channels : dict of str to BadChannel
        Channels that were bad or too loud, and what they cost.
    gaps, steps, lost_samples, not_finite_samples : int
        Interruptions, steps of the stamps among them, samples that are missing, and samples that
        were not finite.
    untranslated, unknown_codes : dict of str to int, int
        Markers that could not be read, and flashes whose code the layout lacks.
    refused_lines : int
        Markers that were not signed with the session's key, or came again.
    duration_s, counted_s, load_s, wall_s : float
        Seconds of the recording, of the chosen letters, of loading, and of the run.
    itr_bits_per_min : float
        The information transfer rate over ``counted_s``.
    latency_ms : dict of str to float
        From the newest sample of a decision to its line, in milliseconds.
    paradigm : str
        ``p300`` or ``motor_imagery``.
    confusion : dict
        Motor imagery: the class of the cue → the decided class → how often.
    time_to_decision_s : float
        Motor imagery: the median from the cue, in seconds.
    false_activations, false_activations_per_min : int, float
        Motor imagery: decisions after a cue for rest, and how often they come while one could.
    false_activations_ci : (float, float)
        The 95 % interval of the latter.

    See Also
    --------
    bci_online.runtime.tally.Tally : Counts them.
    bci_online.runtime.replay.replay : Returns the summary last; has an example.
    """

    recordings: int = 1
    presented: int
    decisions: int
    no_decision: int
    known: int
    correct: int
    accuracy: float | None
    accuracy_ci: tuple[float, float] | None
    taken_back: int | msgspec.UnsetType = msgspec.UNSET
    letters: str
    auc: float | None
    epochs: int
    rejected: dict[str, int]
    bad_channels: dict[str, BadChannel] = {}
    retracted: int
    suspect: int
    late: int = 0
    gaps: int
    steps: int = 0
    lost_samples: int
    not_finite_samples: int
    untranslated: dict[str, int]
    unknown_codes: int
    refused_lines: int = 0
    duration_s: float
    counted_s: float
    load_s: float
    wall_s: float
    itr_bits_per_min: float
    latency_ms: dict[str, float] | None = None
    paradigm: str = "p300"
    confusion: dict[str, dict[str, int]] | None = None
    time_to_decision_s: float | None = None
    false_activations: int | None = None
    false_activations_per_min: float | None = None
    false_activations_ci: tuple[float, float] | None = None


class ScreenSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The results of a session on the subject's screen.

    Parameters
    ----------
    reason : str
        Why it ended: ``done`` or ``abort``; empty if it did not come so far.
    spelled : str
        The text; empty in motor imagery.
    trials : int
        How many were shown.
    dropped_decisions : int
        Decisions for another trial than the open one.
    flashes, late_flashes : int
        How many flashes were shown, and how many of them late.
    hits, judged : int
        Motor imagery: how many trials were decided as the cue asked, and how many at all.
    frames : int
        How many were shown.
    unread_lines : int
        Lines of other parts that could not be read.
    refused_lines : int
        Lines that were not signed with the session's key, or came again.
    frames_locked : bool
        Whether frames kept to the display's own rate.

    See Also
    --------
    Summary : The results of the engine.
    """

    reason: str = ""
    spelled: str = ""
    trials: int = 0
    dropped_decisions: int = 0
    flashes: int = 0
    late_flashes: int = 0
    hits: int = 0
    judged: int = 0
    frames: int = 0
    unread_lines: int = 0
    refused_lines: int = 0
    frames_locked: bool = False
