"""Where readings come from, and where markers go to.

* `source`: the interfaces Source, RecordedSource and MarkerSink;
* `lsl`: the network as a source;
* `xdf`: a recording as a source; `other_formats`: one that is no XDF, `file_names`: which it is;
* `mne_realtime`: its clients as sources;
* `simulator`: an amplifier and a subject in one process; `synthetic_eeg` is its signal,
  `coloured_noise` its background, `evoked_waves` and `imagined_movement` what a subject adds,
  `montage` the places of its sensors;
* `stream_header`: how a stream is announced, `channel_description` what it says of its channels,
  `channel_units` of their units, `stream_texts` its texts made safe;
* `no_electrodes`: what is said of channels that are no sensor's;
* `stream_survey`: what samples say against the description, `measured_rate`: how often they come,
  `mains_share`: how much mains they hold, `signal_size`: how much they move,
  `odd_channels`: electrodes that are one, or whose signal is cut off;
* `number_markers`: the markers of streams of numbers, `marker_columns`: in which of their channels;
  `line_markers`: codes on a sampled line, `eeg_triggers`: those in the EEG stream,
  `joined_markers`: those of one moment as one;
* `found_streams`: streams of a file or of the network; `stream_choice`: which of them are meant.
"""
