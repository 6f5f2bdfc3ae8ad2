"""Where the time goes that is more than a bar allows, to the function, and what the floor is.

Measured by hand; a page shows the lines of those bars that its run did not meet.
"""

IMPORTS = (
    "numpy and scipy.signal alone take 0.94 s of this, scipy.stats 40 % of that: "
    "scipy.signal imports it for its peak finder. What is used of scipy.signal is the compiled "
    "`_sosfilt`, which loads with numpy in 0.10 s, and the design of a band-pass. Only a filter "
    "and a design of our own could do without the rest."
)
TRAINING = (
    "Imports take 1.5 s of the processor in each of two processes, of which scipy.signal is 1.0. "
    "Of the rest (profiled in one process) 29 % are one pass through the chain (`run_chains`), "
    "18 % `draw_decisions` (11 times 2,000 letters, flash by flash), 16 % "
    "`ScaledEpochs.covariance_within` and 5 % Cholesky's factors of 150 fits, of which 120 are "
    "those of `misplaced_response`, 5 % `rms_and_correlations`. The floor is the imports and one "
    "pass through the chain."
)

WHY = {
    ("start", "`replay`, first decision", "s"): IMPORTS,
    ("start", "`train`, first recording", "s"): IMPORTS,
    ("training", "`lda`, Wadsworth, four runs", "s by the clock"): TRAINING,
}
