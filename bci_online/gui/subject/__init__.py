"""The subject's screen.

* `screen`: a question, the frames of the session, the end;
* `question`: the question before anything flashes; `notices` are pages of text;
* `picture_painter`: the common part of all painters;
* `speller_painter`: the speller: `speller_geometry` has the places, `symbol_cells` the symbols,
  `text_line` the line at the top;
* `imagery_painter`: motor imagery: `imagery_geometry` has the places, `imagery_shapes` the shapes;
* `texts`: every text, in the subject's language.
"""
