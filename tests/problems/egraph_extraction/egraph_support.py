"""What the tests of e-graph extraction share: the problem, its modules, and a slow verifier of another make."""

import ast
import gzip
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from shipped import Shipped

SHIPPED = Shipped("egraph_extraction")
PROBLEM, module = SHIPPED.problem, SHIPPED.module


def unpacked(path: Path, folder: Path) -> Path:
    """``path`` itself, or its content unpacked in ``folder``."""
    if path.suffix != ".gz":
        return path
    plain = folder / path.stem
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    return plain


def slow_verdict(instance: dict[str, Any], text: str) -> tuple[str, Fraction | None]:
    """Outcome and cost by the statement's words, with recursion and Python's own parser."""
    try:
        selected = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return "malformed", None
    nodes = instance["nodes"]
    if not isinstance(selected, list) or not all(isinstance(item, str) and item in nodes for item in selected):
        return "malformed", None
    if len(set(selected)) < len(selected):
        return "malformed", None
    classes = [str(nodes[name]["eclass"]) for name in selected]
    if len(set(classes)) < len(classes):
        return "infeasible", None
    chosen = dict(zip(classes, selected, strict=True))

    def below(current: str) -> list[str]:
        return [
            str(nodes[child]["eclass"]) if isinstance(child, str) else str(child)
            for child in nodes[chosen[current]]["children"]
        ]

    needed: set[str] = set()

    def need(current: str) -> bool:
        if current not in chosen:
            return False
        if current in needed:
            return True
        needed.add(current)
        return all(need(child) for child in below(current))

    if not all(need(str(root)) for root in instance["root_eclasses"]):
        return "infeasible", None

    def reaches(current: str, target: str, seen: set[str]) -> bool:
        for child in below(current):
            if child == target:
                return True
            if child not in seen:
                seen.add(child)
                if reaches(child, target, seen):
                    return True
        return False

    if any(reaches(current, current, set()) for current in needed):
        return "infeasible", None
    return "feasible", sum((Fraction(str(nodes[chosen[current]]["cost"])) for current in needed), Fraction(0))


def as_file(instance: dict[str, Any], folder: Path) -> Path:
    """The instance written to a file."""
    path = folder / "instance.json"
    path.write_text(json.dumps(instance), encoding="utf-8")
    return path
