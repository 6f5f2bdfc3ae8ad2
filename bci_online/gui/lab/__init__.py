"""The lab's window: subjects and their history at the left, the steps of a session at the right.

It knows no session and no stream. It shows what `bci_online.lab` reads in a folder, and starts what
the command line starts.

* `application`: the window as an application; `window`: the window;
* `watch`: reads the folder in a thread, and starts and ends jobs; `starter`: what a click leads to;
* `choice_bar`: subject and configuration; `history_tree`: subjects, sessions, decoders;
* `first_page`: what an empty lab offers;
* `steps`: the six cards; `card_view`: one of them, with its `card_head`, how its job stands
  (`job_view`, `doing`), and what it runs (`command_line`);
* inside the cards: `stream_table`, `electrodes_view`, `inputs`, `notes_input`;
* `settings_place`: where a configuration is edited, in a `settings_form` with a `settings_page` of
  keys: a `setting_field` for each, which has one of the `setting_editors`; `closing_question`: what
  is asked where they are not saved;
* `push_button`: a button that Enter presses too;
* `style`: light and dark; `texts`: every text, in English and German.
"""
