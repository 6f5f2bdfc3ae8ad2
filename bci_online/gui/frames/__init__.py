"""Frames in time: monitors, windows, and the clock of when a frame is due and was shown."""
