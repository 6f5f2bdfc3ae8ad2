"""What people look at: the subject's screen and the operator's panel, each in its own process.

* `frames` brings frames onto a monitor in time: the display, its windows, the clock of frames;
* `subject` paints what the subject sees: a screen for a session, and painters for each paradigm;
* `panel` is the operator's window;
* `lab` is the window on a lab's folder, from the amplifier to a spelled word;
* `bridge` joins a screen to the streams of its session; `fonts` and `themes` serve every window.
"""
