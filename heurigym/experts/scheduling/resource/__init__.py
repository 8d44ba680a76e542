"""Fewest units at the critical path: the expert of the problem ``resource_scheduling``."""
