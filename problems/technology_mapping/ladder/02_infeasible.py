"""Copies the circuit but forgets that tables read complements: every 0 of a row becomes a 1."""

from pathlib import Path


def solve(input_file, output_file):
    lines = []
    for line in Path(input_file).read_text().splitlines():
        if line[:1] in ("0", "1", "-") and " " in line:
            cube, value = line.split()
            line = f"{cube.replace('0', '1')} {value}"
        lines.append(line)
    Path(output_file).write_text("\n".join(lines) + "\n")
