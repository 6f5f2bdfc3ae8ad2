"""Networks, and the decoder that runs one; the one room with PyTorch.

* `epochs`: their input: epochs resampled, filtered into bands and scaled;
* `min2net`, `fbmsnet`, `eegnet`: one network each, `own_network` is one that a user brings,
  `allowed_code` imports it where the user allows it;
  `layers` and `mixed_filters` hold what they share, `output_moments` what lies between two
  filters; `folded` is what scores;
* `decoder`: a network as a decoder.

Nothing is imported here: `bci_online` runs without PyTorch until a decoder file holds a network.
"""
