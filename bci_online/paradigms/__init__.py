"""From scored markers to decisions, and what a subject is shown.

* `p300`: the speller;
* `motor_imagery`: cues of imagined movements;
* `paradigm`: the interface of what decides in a chain;
* `session_length`: how long a session will take;
* `presentation`: what each presentation offers a screen, which steps it once per frame;
* `picture`: one frame, for a painter.
"""
