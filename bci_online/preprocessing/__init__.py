"""From chunks to epochs or windows.

Time:

* `clock`: gives every sample its time, and distinguishes losses from stalls; `sample_runs` is what
  it says;
* `stray_stamps`: whether stamps beside the line are stray ones, or the beginning of something new;
  `patience`: how far beside it a stamp may lie;
* `stamp_line`: the line that it learns: `time_line` is the straight line, `block_jitter` the
  scatter of the stamps around it, `block_floors` their least late ones, which show a loss, as
  `recent_floors` do where it shows soon, and
  `stamp_envelope` the line below all of those, which the time follows where samples come in bursts;
  `block_statistics`: medians and the like of few numbers;
* `apparent_losses`: losses and steps that were believed, and may turn out to be none;
* `sample_counter`: losses by the amplifier's own counter; `lost_samples`: how many there are;
* `clock_offsets`: the offset between a stream's clock and common time;
* `marker_queue`: markers that wait for their samples; `onsets`: from a marker's time to its sample.

Signal:

* `continuous_signal`: channels picked, losses bridged or marked, filtered, timed, buffered;
* `segments`: parts of it that were filtered together, or that no epoch may use;
* `picked_columns`: the columns of the channels that take part;
* `waiting_samples`: samples that have no time yet;
* `held_channels`: repeats the last good sample of a channel that fails; `noisy_channels` judges
  which ones stay too loud, or are silent;
* `filters`: causal filters with state, of `sections`; `settling` is how long they settle, for the
  screen;
* `ring_buffer`: the newest samples, by sample number;
* `epoching`: one epoch for each flash; `windowing` windows after each cue;
* `cutting`: the interface of both;
* `artefacts`: which epochs are rejected;
* `recentring`: maps the windows of another session to those of calibration, with the
  `believed_classes` of its trials, from `window_covariances`;

Checks:

* `quality`: how good each channel is; `channel_watch` says at once when one fails;
* `calibrated_signal`: whether the signal is as in calibration; `band_monitor` finds channels that
  are louder or quieter, `montage_check` electrodes that are swapped or inverted; both use
  `stretch_means`;
* `photodiode`: the delay between a flash's marker and its light.
"""
