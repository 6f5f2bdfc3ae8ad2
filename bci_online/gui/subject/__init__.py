"""The subject's screen: a session's frames, and the painters of each paradigm."""
