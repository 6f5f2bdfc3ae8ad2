"""Train every network with every loss weighting on a GPU, and on the CPU beside it.

    python -m benchmarks.cuda_networks [DEVICE]

A smoke test for who has a GPU; the project's own tests run on the CPU. DEVICE is cuda if left out;
cpu tries the script itself. A row is one training of three passes over 400 simulated trials of 20
channels and 4 s. "differs" is the largest difference of a probability from the same training on the
CPU; EEGNet draws other dropout there. "waits" says how often a pass made the GPU wait for this
computer: once is meant, when the pass is read; the start and the end of a training are among them.
"""

import sys
import time
import warnings

import numpy as np
import torch

from calibration import NetworkClassifier
from calibration.method_names import WEIGHTINGS
from calibration.networks.network_training import LOSSES

PASSES = 3


def trials(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return noise in which one channel of each class carries 10 Hz."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    X = rng.normal(size=(n, 20, 400))
    X[np.arange(n), y] += 2 * np.sin(0.2 * np.pi * np.arange(400) + rng.uniform(0, 6, size=(n, 1)))
    return X, y


def trained(
    network: str, weighting: str, device: str, precision: str = "float32"
) -> tuple[np.ndarray, float, float, float]:
    """Return probabilities of all trials, seconds, the share that is right, and waits a pass."""
    X, y = trials()
    model = NetworkClassifier(
        network, weighting, batch_size=100, max_epochs=PASSES, device=device, random_state=0,
        precision=precision,
    )  # fmt: skip
    is_watched = device.startswith("cuda")
    started = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if is_watched:
            torch.cuda.set_sync_debug_mode("warn")
        model.fit(X, y)
        if is_watched:
            torch.cuda.set_sync_debug_mode("default")
    seconds = time.perf_counter() - started
    waits = sum("synchroniz" in str(one.message) for one in caught) / PASSES
    return model.predict_proba(X), seconds, model.score(X, y), waits


def main() -> int:
    """Print one row for each training; return 1 if one failed."""
    device = sys.argv[1] if len(sys.argv) > 1 else "cuda"
    if device.startswith("cuda") and not torch.cuda.is_available():
        print("no CUDA device is here")
        return 2
    failed = 0
    heads = f"{'s':>6} {'cpu s':>6} {'right':>6} {'differs':>8} {'waits':>6}"
    print(f"{'network':8} {'weighting':10} {'precision':10} {heads}")
    for network, losses in LOSSES.items():
        every = WEIGHTINGS if len(losses) > 1 else ("fixed",)
        for weighting, precision in [*((one, "float32") for one in every), (every[0], "bfloat16")]:
            name = f"{network:8} {weighting:10} {precision:10}"
            try:
                found, seconds, right, waits = trained(network, weighting, device, precision)
            except (RuntimeError, ValueError) as error:
                failed += 1
                print(f"{name} failed: {str(error).splitlines()[0]}")
                continue
            there, on_cpu, *_ = trained(network, weighting, "cpu")
            differs = np.abs(found - there).max()
            row = f"{seconds:6.1f} {on_cpu:6.1f} {right:6.2f} {differs:8.4f} {waits:6.1f}"
            print(f"{name} {row}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
