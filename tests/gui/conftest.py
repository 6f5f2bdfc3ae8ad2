import os

# Before Qt is loaded: windows are drawn into memory, and nobody's display is taken.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
