"""The subject's screen: the painters of each paradigm, and the session that they show."""
