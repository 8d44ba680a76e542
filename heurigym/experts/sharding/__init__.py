"""Sharding a tensor program over devices: the expert of the problem ``intra_op_parallel``."""
