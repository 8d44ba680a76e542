"""Copies the circuit but keeps only the first row of every table."""

from pathlib import Path


def solve(input_file, output_file):
    kept, rows = [], 0
    for line in Path(input_file).read_text().splitlines():
        if line.startswith("."):
            rows = 0
        elif line[:1] in "01-":
            rows += 1
        if rows < 2:
            kept.append(line)
    Path(output_file).write_text("\n".join(kept) + "\n")
