"""PyTorch run for a training and for scoring: seeds, threads, and epochs in parts."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from bci_online.decoding.network.decoder import one_torch_thread

__all__ = ["logits_of", "n_gpus", "seeded"]

SCORED_AT_ONCE = 256


@contextmanager
def seeded(seed: int, device: str, threads: int = 1) -> Iterator[None]:
    """Draw PyTorch's numbers from a seed; outside everything is as before.

    Parameters
    ----------
    seed : int
        Of weights and dropout.
    device : str
        Whose random numbers are drawn.
    threads : int
        Of the CPU.

    Yields
    ------
    nothing : None
        Inside, two trainings draw the same numbers.

    See Also
    --------
    bci_online.decoding.network.decoder.one_torch_thread : Why one thread is the rule.

    Examples
    --------
    >>> drawn = []
    >>> for _ in range(2):
    ...     with seeded(7, "cpu"):
    ...         drawn.append(torch.rand(1).item())
    >>> drawn[0] == drawn[1]
    True
    """
    # On the CPU the GPU's random state is not read: that would start the GPU.
    place = torch.device(device)
    devices = [place] if place.type == "cuda" else []
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.random.fork_rng(devices):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(before)


def n_gpus() -> int:
    """Return how many GPUs of this computer PyTorch can train on.

    Returns
    -------
    n : int
        0 without CUDA.

    See Also
    --------
    calibration.experiments.inside_cells.own_device : Shares them out.

    Examples
    --------
    >>> n_gpus() >= 0
    True
    """
    return torch.cuda.device_count()


def logits_of(network: nn.Module, epochs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what a network makes of epochs, a few hundred at once.

    Parameters
    ----------
    network : nn.Module
        On the CPU, in evaluation mode.
    epochs : ndarray of float32, shape (n_epochs, ..., n_channels, n_times)
        Standardised.

    Returns
    -------
    logits : ndarray, shape (n_epochs, n_classes)
        In double precision.

    See Also
    --------
    bci_online.decoding.network.decoder.NetworkDecoder : Scores one epoch.

    Examples
    --------
    >>> logits_of(nn.Flatten(), np.ones((2, 3, 1), dtype=np.float32)).tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    with one_torch_thread(), torch.inference_mode():
        parts = torch.from_numpy(epochs).split(SCORED_AT_ONCE)
        logits: NDArray[np.float64] = torch.cat([network(part) for part in parts]).double().numpy()
    return logits
