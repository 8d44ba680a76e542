"""Scheduling of pipelined loops: the expert of the problem ``pipelined_scheduling``."""
