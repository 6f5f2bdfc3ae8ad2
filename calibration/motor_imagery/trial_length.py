"""How long trials of imagery last by their own markers, against how long they are decoded."""

from collections.abc import Sequence
from contextlib import closing

import msgspec
import numpy as np

from bci_online.acquisition.source import NotedSource
from bci_online.config import Config, EvidenceSpec
from bci_online.markers import Cue, TrialEnd, TrialStart
from bci_online.translation import Translator

__all__ = ["trial_seconds", "with_trial_length"]

UNUSED_S = 0.3
"""A difference below two or three windows is not worth a word."""

USUAL = 0.9
"""With feedback trials may end early: this quantile is how long they can last."""

LONGEST_S = 60.0


def trial_seconds(sources: Sequence[tuple[str, NotedSource]], config: Config) -> float | None:
    """Return how long trials last from the cue to their end, by the markers of recordings.

    Parameters
    ----------
    sources : sequence of (str, NotedSource)
        Name and source of each recording; not open yet.
    config : Config
        How to read foreign markers.

    Returns
    -------
    seconds : float or None
        None where no marker says when a trial ends.

    Raises
    ------
    RecordingError
        If a recording cannot be read.

    See Also
    --------
    with_trial_length : Lets the evidence reach so far.

    Examples
    --------
    >>> trial_seconds([], Config(paradigm="motor_imagery")) is None
    True
    """
    translator = Translator(config.markers.translate)
    lengths = []
    for _, source in sources:
        cue: float | None = None
        with closing(source):
            source.open()
            while (reading := source.read()) is not None:
                for marker in sorted(reading.markers, key=lambda marker: marker.time):
                    event = translator.read(marker.text)
                    if isinstance(event, Cue):
                        cue = marker.time
                    elif isinstance(event, TrialEnd) and cue is not None:
                        lengths.append(marker.time - cue)
                    if isinstance(event, TrialStart | TrialEnd):
                        cue = None
    # A damaged file may hold times that are no numbers.
    lengths = [length for length in lengths if np.isfinite(length)]
    return float(np.quantile(lengths, USUAL)) if lengths else None


def with_trial_length(config: Config, seconds: float | None) -> tuple[Config, tuple[str, ...]]:
    """Return a configuration whose evidence reaches to the end of trials, and what is to be said.

    Parameters
    ----------
    config : Config
        Where ``evidence.tmax`` is not the default, it stays as it is.
    seconds : float or None
        As `trial_seconds` returns it.

    Returns
    -------
    config : Config
        The same where trials are not longer than the evidence.
    notes : tuple of str
        For a person.

    See Also
    --------
    trial_seconds : Measures them.

    Examples
    --------
    >>> config, notes = with_trial_length(Config(paradigm="motor_imagery"), 7.0)
    >>> config.evidence.tmax, notes
    (7.0, ('evidence reaches to 7 s after the cue, as long as trials last by their markers',))
    >>> own = Config(paradigm="motor_imagery", evidence=EvidenceSpec(tmax=5.0))
    >>> with_trial_length(own, 7.0)[1]
    ('evidence ends 5 s after the cue, trials last 7 s: evidence.tmax = 7 takes all of them',)
    """
    stated = config.evidence.tmax
    if seconds is None or seconds < stated + UNUSED_S:
        return config, ()
    whole = round(min(seconds, LONGEST_S), 1)
    if stated != EvidenceSpec().tmax:
        note = (
            f"evidence ends {stated:g} s after the cue, trials last {whole:g} s: "
            f"evidence.tmax = {whole:g} takes all of them"
        )
        return config, (note,)
    longer = msgspec.structs.replace(config.evidence, tmax=whole)
    note = f"evidence reaches to {whole:g} s after the cue, as long as trials last by their markers"
    return msgspec.structs.replace(config, evidence=longer), (note,)
