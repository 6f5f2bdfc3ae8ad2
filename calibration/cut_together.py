"""Several cuttings of one signal, so that a recording goes through the chain once."""

from collections.abc import Iterator, Sequence

from bci_online.markers import Event
from bci_online.messages import Marker, Retracted
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.cutting import Cutting
from bci_online.preprocessing.epoching import Served
from calibration.collector import Collector

__all__ = ["CutTogether"]


class CutTogether:
    """A cutting for the chain, and others beside it, each with a collector.

    Parameters
    ----------
    main : Cutting
        What the chain gets from it.
    beside : sequence of (Cutting, Collector)
        Each collector gets what its cutting would give a chain of its own.

    See Also
    --------
    bci_online.preprocessing.cutting.cutting_of : Makes each of them.
    calibration.chain_runs.run_chains : Gives it to the chain.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from bci_online.preprocessing.cutting import cutting_of
    >>> both = CutTogether(cutting_of(Preprocessing(ch_names=("Cz",), sfreq=250.0)), [])
    >>> both.carried
    ''
    """

    def __init__(self, main: Cutting, beside: Sequence[tuple[Cutting, Collector]]) -> None:
        self._main = main
        self._beside = tuple(beside)

    def add(self, marker: Marker, event: Event, time: float) -> bool:
        """Queue a marker for all; return whether the chain's own takes it."""
        for cutting, _ in self._beside:
            cutting.add(marker, event, time)
        return self._main.add(marker, event, time)

    def cut(self, signal: ContinuousSignal) -> Iterator[Served]:
        """Serve what is complete; what the others cut goes to their collectors."""
        for cutting, collector in self._beside:
            _collect(cutting.cut(signal), collector)
        return self._main.cut(signal)

    @property
    def due(self) -> float:
        """As the chain's own cutting says: the others wait for nothing that anyone waits for."""
        return self._main.due

    def finish(self) -> Iterator[Served]:
        """Serve the rest."""
        for cutting, collector in self._beside:
            _collect(cutting.finish(), collector)
        return self._main.finish()

    @property
    def carried(self) -> str:
        """As the chain's own cutting says."""
        return self._main.carried

    def carry(self, carried: str) -> bool:
        """Go on from an earlier run, as the chain's own cutting does."""
        return self._main.carry(carried)

    def retract(self, doubtful: tuple[int, int]) -> Iterator[Retracted]:
        """Take back what touches the sample range `doubtful`, in all of them."""
        for cutting, collector in self._beside:
            for retracted in cutting.retract(doubtful):
                collector.retract(retracted)
        return self._main.retract(doubtful)


def _collect(served: Iterator[Served], collector: Collector) -> None:
    for one in served:
        collector.push(one.event, one.time, one.outcome)
