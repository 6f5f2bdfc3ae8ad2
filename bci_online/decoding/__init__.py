"""Decoders, and the one file that carries them from calibration to a live run.

* `decoder`: what a decoder offers the chain, and whether it fits a stream;
* `linear`: one weight per sensor and latency; `resolved_weights` solves them again without some
  sensors, by the `lagged_covariance` of the epochs;
* `class_statistics`: class means and covariance of a discriminant that follow labelled epochs;
* `spatial`: the log power of spatial filters, weighed per class;
* `covariance`: the covariance of each epoch, as pipelines of pyriemann have it;
* `network`: a neural network; the one room with PyTorch;
* `scores`: its values as what a paradigm gets, a rejection where they are no numbers;
* `stream_rate`: a decoder at another sampling rate than that of its training;
* `uncalibrated`: nothing that was learnt, only what an epoch is;
* `decoder_file`: writes and reads the file; `decoder_content` is what is in it, and `arrays` checks
  its arrays against the header; `sealed_arrays` is the form of such files, and their checksum.
"""
