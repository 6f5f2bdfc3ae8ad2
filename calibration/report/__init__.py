"""One HTML page for each decoder, with nothing in it that has to be fetched.

`material` finds and reads what a page rests on, `sections` puts the page together, of
`flash_sections` or `imagery_sections` and what both have; `words` says figures with their counts
and intervals, `flashes`, `imagery`, `scalp`, `learning` and `condition` draw, `drawing` turns
matplotlib's figures into inline SVG, `page` is the HTML. `commands` is `bci-calibrate report`.
"""
