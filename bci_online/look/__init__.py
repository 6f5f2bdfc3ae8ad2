"""One look at a recording before anything is trained: what it holds, and what is wrong with it.

* `looking`: the look itself;
* `seen`: what it shows, as plain values;
* `file_streams`: the streams of a file, and what each is used for;
* `eeg_choice`: the likely EEG, where a configuration names none;
* `run_through`: the recording in the online chain; `run_findings` is what is wrong there;
* `words`: the markers, and what they are read as;
* `stimuli`: what was cut for each stimulus; `responses`: what they evoke; `leaks`: channels that
  hold the labels themselves;
* `page`: the look as HTML; `wording` has words that terminal and page share;
* `mended`: the configuration that mends what was found.
"""

from bci_online.look.looking import look_at
from bci_online.look.seen import Look

__all__ = ["Look", "look_at"]
