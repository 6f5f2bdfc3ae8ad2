"""Where the time goes that is more than a bar allows, to the function, and what the floor is.

Measured by hand; a page shows the lines of those bars that its run did not meet.
"""

IMPORTS = (
    "numpy, scipy.linalg, scipy.special and scipy.fft take half of it, half of that for numpy.f2py "
    "and numpy.testing, which scipy loads to know which arrays it is given; of scipy.signal the "
    "compiled `_sosfilt` alone is loaded."
)
TRAINING = (
    "7.6 s of the processor in one process: 1.5 are imports, of which scipy.signal is 0.9; 1.6 one "
    "pass through the chain (`epochs_of`), 1.0 `misplaced_response` (120 fits), 1.2 the inner "
    "folds (`search_together`), 0.8 `draw_decisions` (7 times 2,000 letters), 0.5 "
    "`response_change`. Two processes share out the folds alone: imports and the pass, 3.1 s, come "
    "before them, and a second process that read recordings would have imported for as long as "
    "the first one reads. The floor is these 3.1 s and half of the rest."
)
SMALL_TRAINING = (
    "3.2 s of the processor: 1.5 are imports, of which scipy.signal is 0.9, 0.8 `draw_decisions` "
    "(6 times 2,000 letters for the threshold and what to expect of it), 0.5 one pass through the "
    "chain, 0.3 `misplaced_response`."
)
SPARSE_TRAINING = (
    "A fold costs 0.7 s in `solve_path` and 0.2 s in `refitted`; "
    "scikit-learn and numba are imported by each process. Folds share no Gram matrix: the rows "
    "that join it are those with a loss at a fold's own solution, and each fold scales its "
    "channels. Without held-out figures the inner folds run in one process."
)

REPLAY = (
    "A quarter is reading (`tape_source.open`): headers of all chunks 7 %, the survey that "
    "compares the stream with what it states 7 %, stamps 6 %. Of the rest the clock's line takes "
    "18 % (`SampleClock._take`, block by block, as live), the filter 9 % (`sosfilt`), epochs 9 % "
    "(`Epoching.cut`), each `push` of a second the rest, in small numpy calls. pyxdf alone reads "
    "and does no more; reading and filter without any of the rest would take about a third of "
    "ours."
)
FEWER = (
    "Of the difference more than half is `StreamSurvey.push`, which compares all channels of the "
    "file with what it states before any is chosen; a quarter is `chunks.scan`, which reads the "
    "length of every sample of a file that is eight times as long. After that eight cost eight."
)
LATENCY = (
    "Inside the process, 64 × 512 Hz: the push that decides (`Chain.push`) takes 0.5 ms where "
    "nothing else ran before it, 0.8 ms when the thread has slept for 5 ms, as it does live, and "
    "1.0 ms after 12 ms: about 670 calls of Python functions that are no longer in the caches. "
    "Half of it is the signal (filter 0.17, clock 0.12, held channels 0.09), half the epoch and "
    "its letter. 0.15 ms more pass between the two threads, 0.13 ms in sending. The floor of this "
    "chain in Python is the 0.5 ms; less wants compiled code for the whole of it, or a core that "
    "never sleeps."
)
READING = (
    "liblsl takes most of it: the bare loop, which reads each chunk and does nothing, is "
    "above the bar on this computer, too (its part is beside)."
)

DEMO = (
    "Three runs gave 55, 59 and 65 s. The letters E, R and P are copied first, with four "
    "repetitions each; then a decoder is trained, and the first letter takes as many repetitions "
    "as it needs."
)

WHY = {
    ("demo", "`demo`, first letter", "s by the clock"): DEMO,
    ("start", "`replay`, first decision", "s"): IMPORTS,
    ("start", "`train`, first recording", "s"): IMPORTS,
    ("replay", "6 min of 64 channels at 1 kHz", "s"): REPLAY,
    ("replay", "8 of these 64 channels", "s"): FEWER,
    ("live", "64 × 512 Hz, median", "ms"): LATENCY,
    ("live", "64 × 512 Hz, 99 %", "ms"): LATENCY,
    ("live", "64 × 2048 Hz, one core", "%"): READING,
    ("training", "`lda`, 720 epochs of 8 channels", "s by the clock"): SMALL_TRAINING,
    ("training", "`lda`, Wadsworth, four runs", "s by the clock"): TRAINING,
    ("training", "`gsvm-2`, Wadsworth, four runs", "s by the clock"): SPARSE_TRAINING,
    (
        "training",
        "`gsvm-2 --no-evaluation`, Wadsworth, four runs",
        "s by the clock",
    ): SPARSE_TRAINING,
}
