"""Expert extraction from e-graphs, after e-boost (2025): heuristics, pruning by a threshold, and exact solving."""
