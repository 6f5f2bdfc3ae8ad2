"""Where the time goes that is more than a bar allows, to the function, and what the floor is.

Measured by hand; a page shows the lines of those bars that its run did not meet.
"""

IMPORTS = (
    "numpy, scipy.linalg, scipy.special and scipy.fft take half of it, half of that for numpy.f2py "
    "and numpy.testing, which scipy loads to know which arrays it is given; of scipy.signal the "
    "compiled `_sosfilt` alone is loaded."
)
TRAINING = (
    "4.4 s of the processor in one process: 0.5 are imports, 1.0 one pass through the chain "
    "(`epochs_of`, a quarter of it epochs that the checks of response times look at), 1.1 the "
    "inner folds (`search_together`), 0.5 `draw_decisions` (7 times 2,000 letters), 0.3 "
    "`Searched.fitted`, 0.3 `misplaced_response` (75 fits), 0.2 `response_change`, 0.1 each "
    "`label_leaks`, `lag_covariances` and the end of the process. Two processes share out what "
    "follows the pass, what to expect of spelling as well; the second one imports meanwhile, for "
    "half a second. A second process that read recordings would have imported for as long as the "
    "first one reads two of the four. The floor is 1.6 s and half of the rest."
)
SMALL_TRAINING = (
    "Of 1.6 s of the processor 0.4 are imports, 0.4 `draw_decisions` (6 times 2,000 letters for "
    "the threshold and what to expect of it), 0.2 one pass through the chain, 0.2 "
    "`misplaced_response`."
)
SPARSE_TRAINING = (
    "A fold costs 0.5 s in `solve_path` and 0.2 s in `refitted`; each process imports numba and "
    "loads its kept code (0.8 s). Folds are shared out, outer ones or, without held-out figures, "
    "inner ones: two processes have the same to do to 5 %. One process alone starts, reads and "
    "writes (1.9 s of the processor). A Gram matrix that folds share would not pay: a fold begins "
    "with few columns and adds others when many rows have left the margin, so products over all "
    "rows take 0.06 s of the 4.1 s of five inner folds; the shared matrix, with held-out rows "
    "taken off, centred and scaled for each fold, takes 0.14 s. The whole set's solution at the "
    "same λ is a worse start than the curve through the fold's own last three: its objective is 2 "
    "times as far from the optimum at large λ, 100 times at small ones; the step between the whole "
    "set's solutions added to the fold's last one is better at large λ, where steps cost least, "
    "and 10 times worse at small ones."
)

REPLAY = (
    "A quarter is opening (`tape_source.open`): the survey that compares the stream with what it "
    "states 13 %, which is bounded and small in hours; headers of all chunks 8 %. Of the rest the "
    "clock's line takes 15 % (`SampleClock._take`, block by block, as live), epochs 20 % "
    "(`Epoching.cut`, `Chain._decide`), the filter 10 % (`sections.filtered`). pyxdf alone reads "
    "and does no more; reading, rows and filter without any of the rest would take a third of ours."
)
FEWER = (
    "Most of the difference is `chunks.scan`, which reads the length of every sample of a file "
    "that is eight times as long, and samples that are read and not used. After that eight cost "
    "eight."
)
LATENCY = (
    "From the chunk's arrival to its decision, 64 × 512 Hz, where the bare loop takes 0.62 ms in "
    "all: 0.33 ms until liblsl has delivered it (the bare loop's, too), 0.16 ms for the reading "
    "(two calls of liblsl, checks), 0.68 ms from the chain's first step to its decision, 0.12 ms "
    "to sign and send it (the bare loop's, too). The chain's part takes 0.35 ms where it has just "
    "run before: two thirds of it are the signal (filter, clock, held channels), a third the epoch "
    "and its letter, in about 500 calls of Python functions that are no longer in the caches after "
    "a sleep of 12 ms. What did not help: short polls instead of one sleep (the same at 0.1 ms, "
    "worse without any), one core for the thread, a reading just before the one that decides (0.02 "
    "to 0.05 ms). Less wants compiled code for the whole chain."
)
READING = (
    "liblsl takes nearly all of it: the bare loop, which reads each chunk and does nothing, takes "
    "as much (its part is beside)."
)

DEMO = (
    "Three runs gave 55, 59 and 65 s. The letters E, R and P are copied first, with four "
    "repetitions each; then a decoder is trained, and the first letter takes as many repetitions "
    "as it needs."
)

WHY = {
    ("start", "`bci-online --help`", "s"): (
        "Half of it is typer. It takes 0.13 s where an interpreter that does nothing takes 0.012 s."
    ),
    ("live", "64 × 512 Hz, one core", "%"): (
        "More than half of it is liblsl and the scheduler, which is what the bare loop takes."
    ),
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
