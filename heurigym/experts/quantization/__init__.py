"""Mixed precision: real networks, how sensitive each layer is to quantisation, and how bits are allocated."""
