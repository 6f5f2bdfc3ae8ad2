"""What a user lets be called while a network is trained."""

from collections.abc import Callable, Sequence
from typing import Any

from torch import nn

from calibration.networks.history import EpochRecord, History

__all__ = ["Called"]


class Called:
    """Calls callbacks, as skorch names them; a callback has the methods that it needs.

    Parameters
    ----------
    network : nn.Module
        Given to each call.
    callbacks : sequence of object
        ``on_train_begin(network)``; ``on_epoch_end(network, record)`` after each pass, where True
        ends the training; ``on_train_end(network, history)``, when the network is that of the best
        pass again.
    progress : callable, optional
        Called with each record; True ends the training, too.

    See Also
    --------
    calibration.networks.network_classifier.NetworkClassifier : Takes callbacks.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> third = SimpleNamespace(on_epoch_end=lambda network, record: record.number == 3)
    >>> called = Called(nn.Identity(), [third], None)
    >>> called.begin()  # it has no such method
    >>> [called.passed(SimpleNamespace(number=number)) for number in (2, 3)]
    [False, True]
    """

    def __init__(
        self,
        network: nn.Module,
        callbacks: Sequence[Any],
        progress: Callable[[EpochRecord], object] | None,
    ) -> None:
        self._network = network
        self._callbacks = callbacks
        self._progress = progress

    def begin(self) -> None:
        """Say that the training begins."""
        self._call("on_train_begin")

    def passed(self, record: EpochRecord) -> bool:
        """Say that a pass is over; return whether the training is to end."""
        told = [] if self._progress is None else [self._progress(record)]
        return any(answer is True for answer in [*told, *self._call("on_epoch_end", record)])

    def end(self, history: History) -> None:
        """Say that the training is over."""
        self._call("on_train_end", history)

    def _call(self, name: str, *given: Any) -> list[Any]:
        methods = [getattr(each, name, None) for each in self._callbacks]
        return [method(self._network, *given) for method in methods if method is not None]
