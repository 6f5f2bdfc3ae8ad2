"""Networks: MIN2Net, FBMSNet and EEGNet, and the decoder that runs one; the one room with PyTorch.

`epochs` prepares their input, `layers` holds what they share, `decoder` scores. Nothing is imported
here: `bci_online` runs without PyTorch until a decoder file holds a network.
"""
