"""Faults of clocks: losses, jitter, drift, steps, stalls, bursts, wild stamps."""

from functools import partial

import numpy as np

from benchmarks.faults.dejitter import dejittered
from benchmarks.faults.fault import Fault, Group, Outcome
from benchmarks.faults.stage import Stage
from benchmarks.faults.stamps import CHUNK_N, SFREQ, Sender, earliest_s, errors_ms, sent, timed

# After a fault times must be so right that no epoch moves by two samples.
RIGHT_MS = 5.0


def once(sender: Sender, told: str, stage: Stage, seed: int) -> Outcome:
    """Stamp two minutes of samples, and compare both clocks with the truth.

    `told` is what must be reported: the ``loss`` with its exact count, ``nothing`` lost, or a
    ``step`` however it is named.
    """
    of = sent(sender, seed)
    clock = timed(of)
    soon, later = errors_ms(of, clock.times, ~clock.doubted, sender.step_s)
    n_lost = sum(loss.n_lost for loss in clock.losses)
    facts: dict[str, float | str] = {"count": float(n_lost), "soon": soon, "later": later}
    if told == "loss" and not sender.burst_s:
        facts["earliest"] = round(earliest_s(sender.lost, sender.jitter_s), 2)
    other = dejittered(SFREQ, of.stamps, CHUNK_N)
    if other.size == of.truth.size:
        every = np.ones(other.size, dtype=bool)
        facts["liblsl"] = errors_ms(of, other, every, sender.step_s)[1]
    behind = [at for at in clock.told if at >= of.fault_s]
    known_from = float(of.truth[of.truth >= of.fault_s][0])
    told_s = behind[0] - known_from if behind else None
    return Outcome(
        told_s=told_s,
        lost=float(sender.lost),
        facts=facts,
        wrong=_wrong(sender, told, n_lost, later, told_s),
    )


def _wrong(sender: Sender, told: str, n_lost: int, later: float, told_s: float | None) -> str:
    if told == "loss" and n_lost != sender.lost:
        return f"{n_lost} samples are reported as lost"
    if told == "nothing" and n_lost:
        return "samples are reported as lost, and none are"
    if told == "step" and told_s is None:
        return "it was not reported"
    if later > RIGHT_MS:
        return "times are more than 5 ms off later than 2 s after the fault"
    return ""


def _fault(name: str, how: str, sender: Sender, told: str = "nothing") -> Fault:
    return Fault(name, how, partial(once, sender, told), times=10)


LOSSES = tuple(
    _fault(
        f"lost-{n}-jitter-{jitter_ms}",
        f"{n} sample{'s' if n > 1 else ''} lost, {jitter_ms} ms of jitter",
        Sender(lost=n, jitter_s=jitter_ms / 1e3),
        "loss",
    )
    for jitter_ms in (0, 5, 20)
    for n in (1, 2, 10, 100, 1000)
)
OTHERS = (
    _fault("jitter-5", "5 ms of jitter", Sender(jitter_s=0.005)),
    _fault("jitter-20", "20 ms of jitter", Sender(jitter_s=0.02)),
    _fault("jitter-50", "50 ms of jitter", Sender(jitter_s=0.05)),
    _fault("drift-fast", "+200 ppm, 5 ms of jitter", Sender(jitter_s=0.005, drift=2e-4)),
    _fault("drift-slow", "−200 ppm, 5 ms of jitter", Sender(jitter_s=0.005, drift=-2e-4)),
    _fault("step-back", "clock set back by 0.5 s", Sender(step_s=-0.5), "step"),
    _fault("step-back-hour", "clock set back by 1 h", Sender(step_s=-3600.0), "step"),
    _fault("step-on", "clock set on by 0.5 s", Sender(step_s=0.5), "step"),
    _fault("step-on-hour", "clock set on by 1 h", Sender(step_s=3600.0), "step"),
    *(
        _fault(f"stall-{s}", f"a stall of {s} s, nothing lost, stamped on arrival",
               Sender(stall_s=s, jitter_s=0.001))
        for s in (0.5, 1.0, 2.0, 5.0)
    ),
    *(
        _fault(f"bursts-{burst_s}-jitter-{jitter_ms}",
               f"samples come every {burst_s} s, {jitter_ms} ms of jitter",
               Sender(burst_s=burst_s, jitter_s=jitter_ms / 1e3))
        for burst_s in (0.25, 0.5, 1.0) for jitter_ms in (5, 20)
    ),
    _fault("bursts-stall", "samples come every 0.5 s, 5 ms of jitter, a stall of 5 s",
           Sender(burst_s=0.5, jitter_s=0.005, stall_s=5.0)),
    _fault("bursts-lost", "samples come every 0.5 s, 5 ms of jitter, 1000 samples lost",
           Sender(burst_s=0.5, jitter_s=0.005, lost=1000), "loss"),
    _fault("wild-ahead", "one stamp 1 h ahead", Sender(ahead_s=3600.0)),
    _fault("wild-behind", "one stamp 1 h behind", Sender(ahead_s=-3600.0)),
    _fault("wild-near", "one stamp 0.3 s ahead", Sender(ahead_s=0.3)),
    _fault("wild", "one stamp of 200 up to 1 h off", Sender(wild=0.005)),
    _fault("swapped", "100 stamps in reverse order", Sender(swapped=100)),
    _fault("repeated", "100 stamps are all the same", Sender(repeated=100)),
)  # fmt: skip

TEXT = f"""\
Two minutes at {SFREQ:g} Hz in chunks of {CHUNK_N}; the truth is known. Seconds are of the stream.
A sender with jitter stamps each chunk when it arrives, up to so many ms late. The error is that of
the time which a sample gets, in ms: within 2 s after the fault, and later; samples whose epochs
are taken back do not count. *At the earliest* is when a loss can be counted at all: without it the
chunks may all have been so late by chance, once in a day, and one of them must be so little late
that the count is right, in 99 of 100 losses. In bursts a count is exact up to a chunk, and the
time is known well once enough bursts have had their last chunk in time: of those of 1 s with 20 ms
of jitter one in five has it, and some trials have too few in their first minute. The last column is
liblsl's own dejitter (`proc_dejitter`), which mne-lsl's `StreamLSL` uses too; it reports no loss.
Right means: the right number of samples is reported as lost, a clock that was set is reported,
though it may pass for a loss, and times are at most {RIGHT_MS:g} ms off later than 2 s after the
fault.
"""
STAMPS = Group(
    "stamps", "Clocks and losses", TEXT, LOSSES + OTHERS, "samples",
    {"at the earliest, s": "earliest", "reported as lost": "count",
     "error within 2 s, ms": "soon", "later, ms": "later", "liblsl, later, ms": "liblsl"},
    is_live=False, tried=("benchmarks.faults.stamps", "benchmarks.faults.stamp_faults"),
)  # fmt: skip
