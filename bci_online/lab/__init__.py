"""A lab's folder: what was recorded and trained in it, what comes next, and what is running.

Nothing here draws or waits, and nothing is kept but in the folder itself:

* `said`: what is said to a person, as the key of a text and its values.
"""
