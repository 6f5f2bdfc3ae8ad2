"""Other subjects' recordings that help a new one.

* `sources`: their epochs on the new subject's sensors and latencies; `lag_window` has them cut;
* `recordings`: the files, opened and brought onto the common sensors;
* `lag`: how much later a source's response comes, and whether it helps;
* `classifier`: the estimator that learns from all of them.
"""
