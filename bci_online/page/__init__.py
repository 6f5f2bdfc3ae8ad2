"""One HTML page without scripts and without anything from elsewhere; all text is escaped.

* `document`: the whole page, with its style and its table of contents;
* `blocks`: paragraphs, tables, figures and other parts of it;
* `charts`: simple figures as inline SVG. Reports draw theirs with matplotlib.
"""
