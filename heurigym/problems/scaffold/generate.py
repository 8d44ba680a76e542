"""Generator of fresh instances. TODO Replace by the families of your problem."""

import json
import random
from pathlib import Path


def generate(seed: int, count: int, folder: Path) -> None:
    """Write ``count`` instances, decided by ``seed`` alone, into ``folder``."""
    choose = random.Random(seed)
    for number in range(count):
        weights = [choose.randint(10, 1000) for _ in range(choose.randint(10, 40))]
        instance = {"capacity": sum(weights) // 3, "weights": weights}
        (folder / f"seed{seed}_{number}.json").write_text(json.dumps(instance), encoding="utf-8")
