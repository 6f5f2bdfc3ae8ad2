"""What a weighting of losses costs in training, and what a network costs live.

Training: one step (forward, backward, Adam, bounded filters) of every strategy in turn, in a new
order each round, on one thread, in CPU time; the ratio of each one's fastest step to the fastest
fixed-weight step, which other processes disturb least, and behind it the median of the rounds'
ratios. The authors' form asks autograd for the shared layer's gradient once per loss and then walks
backward again.

Live: milliseconds of a decision from a window of 20 channels x 4 s, on one thread, sixteen windows
a second: the newest samples filtered by filters that keep their state, the window brought to the
network's 100 Hz, and scored.

    python -m benchmarks.loss_weighting --seconds 20

prints Markdown tables for docs/loss-weighting.md.
"""

import argparse
import os
import random
import time
from collections.abc import Callable

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch

from bci_online.config import DecoderHeader, FilterSpec, NetworkSpec, Preprocessing, WindowSpec
from bci_online.decoding.network.decoder import PREFIX, NetworkDecoder, build_network, weights_of
from bci_online.decoding.network.layers import project_max_norms
from bci_online.preprocessing.filters import FilterBank
from bci_online.preprocessing.ring_buffer import RingBuffer
from calibration.method_names import WEIGHTINGS
from calibration.networks.bank import BANK
from calibration.networks.gradients import backward
from calibration.networks.objectives import objective_for
from calibration.networks.weighting_choice import weighting_for
from calibration.networks.weighting_rules import alphagrad_weights

NETWORKS = ("min2net", "fbmsnet")
SIZES = ((20, 400), (22, 1000))
BATCHES = (10, 100)
RATES = (100.0, 250.0, 512.0)
WINDOWS_PER_S = 16
AUTHORS = "authors' form"
# GradApprox moves its weights once an epoch: its step is the fixed one.
STEPS = ("fixed", "alphagrad", AUTHORS, *(s for s in WEIGHTINGS[1:] if s not in
         ("gradapprox", "fixed")))  # fmt: skip


def architecture(name: str, n_channels: int, n_times: int, bank: str = "epoch") -> NetworkSpec:
    """Return a network's numbers; FBMSNet has its shared layer under every strategy."""
    numbers = {"n_channels": n_channels, "n_times": n_times, "n_classes": 2}
    if name == "fbmsnet":
        return NetworkSpec(name=name, n_bands=9, bank=bank, **numbers)
    return NetworkSpec(name=name, **numbers)


def training_step(spec: NetworkSpec, strategy: str, batch: int) -> Callable[[], None]:
    """Return a function that takes one step on the same mini-batch."""
    torch.manual_seed(0)
    network = build_network(spec)
    objective = objective_for(network, None, False)
    start = (1.0,) * len(objective.names)
    known = "fixed" if strategy == AUTHORS else strategy
    weighting = weighting_for(known, start, step=0.01)
    optimiser = torch.optim.Adam([*network.parameters(), *weighting.parameters])
    shape = (spec.n_bands, spec.n_channels, spec.n_times)[not spec.n_bands :]
    x, y = torch.randn((batch, *shape)), torch.arange(batch) % 2

    def authors_backward() -> None:
        latent = network.latent(network.features(x))
        losses = objective(latent, x, y)
        shared = network.latent.weight
        norms = [torch.autograd.grad(loss, shared, retain_graph=True)[0].norm() for loss in losses]
        norms = np.array([float(norm) for norm in norms])
        weighting.weights = alphagrad_weights(weighting.weights, norms, 0.01)
        weighting.total(losses).backward()

    def step() -> None:
        optimiser.zero_grad()
        if strategy == AUTHORS:
            authors_backward()
        else:
            backward(network, objective, weighting, x, y)
        optimiser.step()
        project_max_norms(network)

    return step


def step_times(spec: NetworkSpec, batch: int, seconds: float) -> dict[str, np.ndarray]:
    """Return every strategy's steps in ms, round by round."""
    steps = {strategy: training_step(spec, strategy, batch) for strategy in STEPS}
    for step in steps.values():
        step()
    order, taken = list(steps), {strategy: [] for strategy in steps}
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(taken["fixed"]) < 5:
        random.shuffle(order)
        for strategy in order:
            begun = time.process_time()
            steps[strategy]()
            taken[strategy].append(time.process_time() - begun)
    return {strategy: 1000 * np.array(values) for strategy, values in taken.items()}


def training_table(seconds: float, networks: tuple[str, ...]) -> None:
    """Print what every strategy costs."""
    names = STEPS[1:]
    print(f"| network | batch | channels x samples | fixed, ms | rounds | {' | '.join(names)} |")
    print("|---" * (5 + len(names)) + "|")
    for name in networks:
        for batch in BATCHES:
            for n_channels, n_times in SIZES:
                spec = architecture(name, n_channels, n_times)
                times = step_times(spec, batch, seconds)
                fixed = times["fixed"]
                cells = []
                for strategy in names:
                    own = times[strategy]
                    best, middle = own.min() / fixed.min(), np.median(own / fixed)
                    cells.append(f"**{best:.2f}** ({middle:.2f})")
                size = f"{n_channels} x {n_times}"
                row = (name, batch, size, f"{fixed.min():.1f}", len(fixed), *cells)
                print("| " + " | ".join(map(str, row)) + " |", flush=True)


def decoder(name: str, sfreq: float) -> NetworkDecoder:
    """Return an untrained network as a decoder of windows of 20 channels x 4 s at a rate."""
    spec = architecture(name, 20, 400, "signal")
    preprocessing = Preprocessing(
        ch_names=tuple(f"E{n}" for n in range(20)), sfreq=sfreq,
        filter=BANK if spec.bank == "signal" else FilterSpec(l_freq=8, h_freq=30),
        window=WindowSpec(length=4.0, step=1 / WINDOWS_PER_S),
    )  # fmt: skip
    header = DecoderHeader(
        method=name, kind="network", paradigm="motor_imagery", classes=("left", "right"),
        preprocessing=preprocessing, network=spec,
    )  # fmt: skip
    per_channel = (9, 20) if spec.n_bands else (20,)
    arrays = {"center": np.zeros(per_channel), "scale": np.ones(per_channel)}
    learnt = weights_of(build_network(spec))
    return NetworkDecoder(
        header, arrays | {PREFIX + key: value.numpy() for key, value in learnt.items()}
    )


def live_decision(name: str, sfreq: float) -> Callable[[], None]:
    """Filter the samples since the last window, by filters that keep their state, and score."""
    online = decoder(name, sfreq)
    running = FilterBank(online.header.preprocessing.filter, sfreq)
    n_new = round(sfreq / WINDOWS_PER_S)
    newest = np.random.default_rng(0).normal(size=(20, n_new))
    n_window = round(4 * sfreq)
    rows = running.process(np.zeros((20, n_window)))
    ring = RingBuffer(len(rows), n_window)
    ring.append(rows)

    def decide() -> None:
        ring.append(running.process(newest))
        online.score(ring.window(ring.stop - n_window, ring.stop))

    return decide


def inference_table(seconds: float) -> None:
    """Print milliseconds for each decision."""
    print(
        "| network | rate, Hz | p50, ms | p99, ms | CPU p50, ms | CPU fastest tenth, ms | windows |"
        "\n|---|---|---|---|---|---|---|"
    )
    for name in (*NETWORKS, "eegnet"):
        for sfreq in RATES:
            decide = live_decision(name, sfreq)
            wall, cpu, until = [], [], time.perf_counter() + seconds
            while time.perf_counter() < until:
                begun, begun_cpu = time.perf_counter(), time.thread_time()
                decide()
                wall.append(time.perf_counter() - begun)
                cpu.append(time.thread_time() - begun_cpu)
            middle, high = 1000 * np.quantile(wall, [0.5, 0.99])
            own, fast = 1000 * np.quantile(cpu, [0.5, 0.1])
            row = (
                name,
                f"{sfreq:g}",
                *(f"{ms:.2f}" for ms in (middle, high, own, fast)),
                len(wall),
            )
            print("| " + " | ".join(map(str, row)) + " |", flush=True)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each row")
    parser.add_argument("--only", choices=("training", "inference"))
    parser.add_argument("--network", choices=NETWORKS, help="train this one only")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    random.seed(0)
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    print(f"torch {torch.__version__}, one thread, machine {load:.1f} x loaded at the start\n")
    if chosen.only != "training":
        inference_table(min(10.0, chosen.seconds))
        print()
    if chosen.only != "inference":
        training_table(chosen.seconds, (chosen.network,) if chosen.network else NETWORKS)


if __name__ == "__main__":
    main()
