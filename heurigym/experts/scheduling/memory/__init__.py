"""Scheduling for the least peak of live bits: the expert of the problem ``memory_scheduling``."""
