"""What people look at: the subject's screen and the operator's panel, each its own process."""
