"""A lab's folder: what was recorded and trained in it, what comes next, and what is running.

Nothing here draws or waits, and nothing is kept but in the folder itself.

What is there:

* `contents`: runs, decoders and configurations; `reading` finds them in the folder, `run_reading`
  reads a session's folder, `file_reading` a decoder's or a configuration's file;
* `jobs`: commands that run by themselves; `job_record`: what was started, and how it stands;
  `job_news` reads its lines.

What follows:

* `choice`: what a person has chosen;
* `run_notes`: what people write about a session afterwards;
* `new_configuration`: the first configuration of a lab, and its amplifier;
* `actions`: the command line of each action; `session_actions` those that need a subject;
* `lab_state`: what the cards follow from, and what a card is; `cards`: the six of them, made by
  `preparation_cards`, `decoder_cards` and `afterwards_card`;
* `said`: what is said to a person, as the key of a text and its values.
"""
