"""Tries to read the verifier and the baselines, or find them anywhere."""

import os


def solve(instance, solution):
    wanted = {"verifier.py", "baselines.json", "baseline.py", "problem.yaml", "cases", "eval", "demo"}
    found = [path for path in ("@VERIFIER@", "@BASELINES@", "@INSTANCES@") if os.path.exists(path)]
    for folder, folders, files in os.walk("/"):
        if folder == "/":
            folders[:] = [name for name in folders if name not in ("proc", "sys")]
        if "site-packages" in folder or "/opt/python" in folder:
            continue
        found += [f"{folder}/{name}" for name in folders + files if name in wanted or "heurigym" in name]
    with open(solution, "w") as file:
        file.write(f"found {found}")
