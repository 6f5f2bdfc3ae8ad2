"""Epochs of earlier sessions, kept without anything that names a person.

* `entry`: one session as a file: a header and its epochs; `made_entry` makes it of recordings;
* `folder`: the files of a library;
* `sources`: what helps to train a new subject: own sessions first; `similarity` says how much;
* `start`: what earlier sessions say of the response, for spelling without calibration.
"""
