"""Crashes on purpose: it takes the depth bound for an object."""

import json
from pathlib import Path


def solve(input_file, depth_file, output_file):
    bound = json.loads(Path(depth_file).read_text())["max_depth"]
    Path(output_file).write_text(f"# {bound}\n" + Path(input_file).read_text())
