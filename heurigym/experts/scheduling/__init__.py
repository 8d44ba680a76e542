"""Experts that schedule data-flow graphs: for memory, for resources, and modulo an initiation interval."""
