"""Decoders, and the one file that carries them from calibration to a live run.

* `decoder`: what a decoder offers the chain, and whether it fits a stream;
* `linear`: one weight per sensor and latency;
* `spatial`: the log power of spatial filters, weighed per class;
* `covariance`: the covariance of each epoch, as pipelines of pyriemann have it;
* `network`: a neural network; the one room with PyTorch;
* `uncalibrated`: nothing that was learnt, only what an epoch is;
* `decoder_file`: writes and reads the file; `arrays` checks its arrays against the header.
"""
