"""Frames in time: monitors, windows, and the clock that says when a frame is due and was shown."""
