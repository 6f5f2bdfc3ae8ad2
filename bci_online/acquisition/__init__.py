"""Where readings come from, and where markers go to."""
