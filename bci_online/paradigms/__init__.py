"""From scored markers to decisions, and what a subject is shown."""
