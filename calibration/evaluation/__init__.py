"""How methods are compared: splits, protocols, honest figures."""
