"""Frames in time: when a frame is due, and when it was shown.

* `monitors`: the monitors of this computer, and how evenly they show frames;
* `display`: a monitor and a window on it;
* `frame_windows`: the two windows: one waits for the display, one keeps its own time;
* `headless`: a screen without a window;
* `frame_clock`: the clock of frames.
"""
