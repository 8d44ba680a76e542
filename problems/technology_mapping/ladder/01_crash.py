"""Crashes on purpose: it takes BLIF for JSON."""

import json
from pathlib import Path


def solve(input_file, output_file):
    Path(output_file).write_text(json.loads(Path(input_file).read_text())["blif"])
