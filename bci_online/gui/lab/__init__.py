"""The lab's window: subjects and their history at the left, the steps of a session at the right.

It knows no session and no stream. It shows what `bci_online.lab` reads in a folder, and starts what
the command line starts:

* `application`: the window as an application;
* `window`: the window;
* `texts`: every text of it, in English and German.
"""
