"""Count the messages of a run and compute its results."""

import math
from collections import Counter, deque
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader, is_unanswerable
from bci_online.errors import BciError
from bci_online.markers import Cue, Flash
from bci_online.messages import (
    Decision,
    Epoch,
    Gap,
    Journal,
    Marker,
    Message,
    Reconsidered,
    Rejected,
    Retracted,
    Score,
    Status,
)
from bci_online.metrics import itr_bits_per_min, proportion_interval
from bci_online.paradigms.motor_imagery.results import ImageryTrials
from bci_online.paradigms.p300.decision import log_likelihood_ratio
from bci_online.runtime.chain import Chain
from bci_online.runtime.score_history import ScoreHistory
from bci_online.runtime.trial_starts import TrialStarts
from bci_online.summaries import Summary, counted_channels
from bci_online.translation import TranslationRule, Translator

__all__ = ["Summary", "Tally"]

NO_ONSET = -1
MOST_LETTERS = 10_000


class Tally:
    """Counts the messages of a run.

    Parameters
    ----------
    header : DecoderHeader
        For the evidence of the scores and the number of symbols.
    translate : sequence of TranslationRule
        Reads the markers' labels.
    trials : frozenset of int
        Only these letters count, by their order in the run from 1; empty means all.

    See Also
    --------
    bci_online.runtime.replay.replay : Counts with it; its example prints a summary.
    bci_online.summaries.Summary : The figures.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> preprocessing = Preprocessing(sfreq=256.0, ch_names=("Cz",))
    >>> tally = Tally(DecoderHeader(method="lda", preprocessing=preprocessing), ())

    A decision is shown to a person, a line of the journal is not:

    >>> tally.take(Decision("A", trial=1, confidence=0.97, time=3.0, truth="A"))
    True
    >>> tally.take(Journal("trial", 4.0))
    False
    """

    def __init__(
        self,
        header: DecoderHeader,
        translate: Sequence[TranslationRule],
        trials: frozenset[int] = frozenset(),
    ) -> None:
        self._header = header
        self._translator = Translator(translate)
        self._trials = trials
        self._starts = TrialStarts(trials)
        self._scores = ScoreHistory()
        self._is_imagery = header.paradigm == "motor_imagery"
        window = header.preprocessing.window
        self._imagery = ImageryTrials(header.classes, 0.0 if window is None else window.step)
        self._n_symbols = 0
        self._rejected: Counter[str] = Counter()
        self._rejected_for: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._letters: deque[str] = deque(maxlen=MOST_LETTERS)

    def take(self, message: Message) -> bool:
        """Count a message; return whether a person should see it."""
        if isinstance(message, Journal):
            if message.kind == "trial":
                self._starts.add(message.time)
            return False
        if isinstance(message, Gap):
            self._counts["gaps"] += 1
            self._counts["steps"] += message.step_s != 0
            self._counts["lost"] += message.n_lost
            return True
        if isinstance(message, Retracted):
            self._counts["retracted"] += 1
            self._scores.clear((message.marker, message.onset))
            self._counts["suspect"] += message.suspect_trial is not None
            return True
        if self._trials and self._starts.n not in self._trials:
            return isinstance(message, Status)
        if isinstance(message, Score):
            self._counts["epochs"] += 1
            self._note(message.marker, message.onset, message.values)
        elif isinstance(message, Epoch):
            # A calibration has no decoder, so there is no score.
            self._counts["epochs"] += 1
        elif isinstance(message, Rejected):
            self._rejected[message.reason] += 1
            self._rejected_for.update(message.channels)
            self._note(message.marker, NO_ONSET, None)
        elif isinstance(message, Decision):
            self._decide(message)
        elif isinstance(message, Reconsidered):
            self._counts["taken back"] += message.value is None
        return isinstance(message, Decision | Reconsidered | Status)

    def _note(self, marker: Marker, onset: int, values: NDArray[np.float64] | None) -> None:
        """Keep a labelled score; a flash that was rejected has the prior's."""
        if self._header.kind == "uncalibrated":
            return
        event = self._translator.read(marker.text)
        if isinstance(event, Flash) and event.target is not None:
            ratio = 0.0
            if values is not None:
                ratio = float(log_likelihood_ratio(values[1], self._header.evidence))
            self._scores.add((marker, onset), event.target, ratio)
        elif isinstance(event, Cue) and values is not None and len(self._header.classes) == 2:
            if event.label in self._header.classes:
                is_second = event.label == self._header.classes[1]
                self._scores.add((marker, onset), is_second, float(values[1] - values[0]))

    def _decide(self, decision: Decision) -> None:
        if self._is_imagery and is_unanswerable(decision.truth, self._header.classes):
            self._imagery.add_rest(decision)
            return
        if self._is_imagery:
            self._imagery.add(decision)
        self._counts["presented"] += 1
        self._counts["known"] += bool(decision.truth)
        self._n_symbols = len(decision.evidence)
        if decision.value is None:
            self._counts["no_decision"] += 1
            return
        self._counts["decisions"] += 1
        self._counts["correct"] += decision.value == decision.truth
        if not self._is_imagery:
            self._letters.append(decision.value)

    def _of_imagery(self, summary: Summary) -> Summary:
        """Return `summary` with what only imagery has."""
        results = self._imagery.results()
        return msgspec.structs.replace(
            summary,
            paradigm=self._header.paradigm,
            confusion=results.confusion,
            time_to_decision_s=results.seconds,
            false_activations=results.n_false if self._imagery.n_rest else None,
            false_activations_per_min=results.false_per_min,
            false_activations_ci=results.false_ci,
        )

    def summary(self, chain: Chain, duration_s: float, load_s: float, wall_s: float) -> Summary:
        """Return the figures of the one run."""
        beyond = [trial for trial in self._trials if trial > self._starts.n]
        if beyond:
            n_trials = self._starts.n
            raise BciError(f"--trials: trial {min(beyond)} does not exist, {n_trials} are recorded")
        return self.figures(
            counted_s=self._starts.seconds(duration_s) if self._trials else duration_s,
            bad_channels=counted_channels(chain.bad_seconds, self._rejected_for),
            not_finite_samples=chain.n_not_finite,
            untranslated=dict(chain.translator.untranslated.most_common()),
            unknown_codes=chain.unknown_codes,
            duration_s=duration_s,
            load_s=load_s,
            wall_s=wall_s,
        )

    def figures(self, *, counted_s: float, **of_chain: Any) -> Summary:
        """Return the figures of what was counted; `of_chain` are those that only a chain knows."""
        counts = self._counts
        known, correct = counts["known"], counts["correct"]
        area = self._scores.area() if len(self._scores) else math.nan
        accuracy = correct / known if known else None
        summary = Summary(
            presented=counts["presented"],
            decisions=counts["decisions"],
            no_decision=counts["no_decision"],
            known=known,
            correct=correct,
            accuracy=accuracy,
            accuracy_ci=proportion_interval(correct, known) if known else None,
            taken_back=counts.get("taken back", msgspec.UNSET),
            letters="".join(self._letters),
            auc=None if math.isnan(area) else area,
            epochs=counts["epochs"],
            rejected=dict(self._rejected),
            retracted=counts["retracted"],
            suspect=counts["suspect"],
            gaps=counts["gaps"],
            steps=counts["steps"],
            lost_samples=counts["lost"],
            counted_s=counted_s,
            itr_bits_per_min=itr_bits_per_min(
                self._n_symbols, accuracy or 0.0, counts["presented"], counted_s
            ),
            **of_chain,
        )
        return self._of_imagery(summary) if self._is_imagery else summary

    def end_run(self) -> None:
        """Keep everything, and let what comes next be another recording."""
        self._scores.seal()
