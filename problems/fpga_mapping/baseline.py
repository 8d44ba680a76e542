"""The expert of structural covering; needs the extra ``experts``."""

import json
from pathlib import Path
from typing import Any

from heurigym.experts.mapping.expert import cover


def solve(instance: list[Path], seconds: float, seed: int) -> tuple[str, dict[str, Any]]:
    """The solution file of the expert and what is known of it.

    Args:
        instance: the instance file.
        seconds: time to spend.
        seed: fixes the search.

    Raises:
        ImportError: a package of the extra is missing.
    """
    content = json.loads(instance[0].read_text(encoding="utf-8"))
    result = cover(
        content["inputs"], content["gates"], content["outputs"], content["k"], content["max_depth"], seconds, seed
    )
    lines = [f"{root} {' '.join(map(str, leaves))}\n" for root, leaves in sorted(result.luts.items())]
    return "".join(lines), {
        "objective": len(result.luts),
        "bound": result.bound,
        "optimal": result.optimal,
        "solver": result.solver,
        "version": result.version,
    }
