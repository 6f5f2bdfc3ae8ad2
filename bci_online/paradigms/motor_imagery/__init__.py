"""Motor imagery: cues, and the class that is decided after each.

* `decision` decides each cue's class; `session_fit` says what values are worth in this session;
* `presentation` shows the Graz trial: `cue_order` is its order, `reach` the length of its bar;
* `results` are the figures of decided trials.
"""
