"""Technology mapping: covering Boolean circuits with lookup tables, and circuits to cover."""
