"""Count several runs one by one, and all of them together."""

from collections import Counter
from collections.abc import Sequence

from bci_online.config import DecoderHeader
from bci_online.messages import Message
from bci_online.runtime.chain import Chain
from bci_online.runtime.tally import Tally
from bci_online.summaries import Summary, bad_channels
from bci_online.translation import TranslationRule

__all__ = ["RunTotal"]


class RunTotal:
    """Counts the messages of several runs.

    Parameters
    ----------
    header : DecoderHeader
        Of the decoder of all runs.
    translate : sequence of TranslationRule
        Reads the markers' labels.

    See Also
    --------
    bci_online.runtime.tally.Tally : Counts one run.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from bci_online.messages import Decision
    >>> own = Preprocessing(sfreq=256.0, ch_names=("Cz",))
    >>> total = RunTotal(DecoderHeader(method="lda", preprocessing=own), ())
    >>> for truth in "AB":  # two runs of one letter
    ...     run = total.run()
    ...     shown = run.take(Decision("A", trial=1, confidence=0.97, time=3.0, truth=truth))
    >>> total.summary().presented, total.summary().correct
    (2, 1)
    """

    def __init__(self, header: DecoderHeader, translate: Sequence[TranslationRule]) -> None:
        self._header, self._translate = header, tuple(translate)
        self._everything = Tally(header, translate)
        self._runs: list[Summary] = []

    def run(self, trials: frozenset[int] = frozenset()) -> Tally:
        """Return a tally of the next run, whose messages also count here.

        Parameters
        ----------
        trials : frozenset of int
            As for `Tally`; the total counts every letter.
        """
        self._everything.end_run()
        return _Run(self._header, self._translate, trials, self._everything, self._runs)

    def summary(self) -> Summary:
        """Return the figures of all runs that are over."""
        runs = self._runs
        seconds = {
            name: sum(getattr(run, name) for run in runs)
            for name in ("duration_s", "counted_s", "load_s", "wall_s")
        }
        untranslated: Counter[str] = Counter()
        for run in runs:
            untranslated.update(run.untranslated)
        return self._everything.figures(
            recordings=len(runs),
            bad_channels=bad_channels([run.bad_channels for run in runs]),
            not_finite_samples=sum(run.not_finite_samples for run in runs),
            untranslated=dict(untranslated.most_common()),
            unknown_codes=sum(run.unknown_codes for run in runs),
            **seconds,
        )


class _Run(Tally):
    """One run of several."""

    def __init__(
        self,
        header: DecoderHeader,
        translate: Sequence[TranslationRule],
        trials: frozenset[int],
        everything: Tally,
        runs: list[Summary],
    ) -> None:
        super().__init__(header, translate, trials)
        self._everything = everything
        self._runs = runs

    def take(self, message: Message) -> bool:
        """Count a message, also for all runs."""
        self._everything.take(message)
        return super().take(message)

    def summary(self, chain: Chain, duration_s: float, load_s: float, wall_s: float) -> Summary:
        """Return the figures of this run, and keep them for all."""
        summary = super().summary(chain, duration_s, load_s, wall_s)
        self._runs.append(summary)
        return summary
