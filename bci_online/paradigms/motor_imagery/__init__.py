"""Motor imagery: `decision` decides each cue's class, `presentation` shows the Graz trial."""
