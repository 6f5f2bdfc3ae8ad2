"""Networks: MIN2Net, FBMSNet and EEGNet, and the decoder that runs one; the one room with PyTorch.

`epochs` is what they see, `layers` is what they share, `decoder` scores. Nothing is imported here:
`bci_online` runs without PyTorch until a decoder file holds a network.
"""
