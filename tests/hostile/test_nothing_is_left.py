"""When a sandbox that was attacked is closed, the host is as it was before.

Others may use this host meanwhile, so each test looks at what its own sandbox made.
"""

import contextlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from attacks import LIMITS
from sandboxing import open_backend

from heurigym.execution.cgroups import find_hierarchies
from heurigym.execution.locks import FileLock, lock_folder
from heurigym.execution.sandbox import Job, Sandbox

ATTACKS = ("fork_bomb_left_behind", "daemon_process", "leaves_shared_objects", "leaves_folders_nobody_can_enter")
PROGRAMS = Path(__file__).parent / "programs"
PATIENCE_S = 30.0


def attack(sandbox: Sandbox, core: int) -> None:
    for name in ATTACKS:
        job = Job((PROGRAMS / f"{name}.py").read_bytes(), (("instance.json", b"{}"),), "solution.txt", LIMITS)
        done = sandbox.run(job, (core,))
        assert done.outcome is None, done.message


def eventually_nothing(left: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while found := left():
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def descendants() -> set[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found, waiting = set(), [os.getpid()]
    while waiting:
        children = {pid for pid, parent in parents.items() if parent in waiting} - found
        found |= children
        waiting = list(children)
    return found


def mounts() -> set[str]:
    """Mounts of this host but those of containers, which others may be making."""
    lines = Path("/proc/self/mounts").read_text().splitlines()
    return {line for line in lines if "/docker/" not in line}


def shared_objects() -> set[str]:
    """What ``leaves_shared_objects`` leaves, if it is on this host."""
    found = {path.name for path in Path("/dev/shm").iterdir() if path.name.startswith("left")}
    for kind in ("shm", "sem", "msg"):
        lines = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
        found |= {f"{kind} {line}" for line in lines if int(line.split()[0]) == 0x4845}
    return found


def temporary_files() -> set[str]:
    return {str(path) for path in Path(tempfile.gettempdir()).glob("heurigym-*") if path.name[-8:] != "-cores"}


def abandoned_groups() -> set[str]:
    """Control groups of slots that no live harness holds."""
    hierarchies = find_hierarchies()
    folders = {path for base in hierarchies.v1.values() for path in (base / "heurigym").glob("slot-*")}
    folders |= set(hierarchies.v2.glob("heurigym-slot-*")) if hierarchies.v2 else set()
    return {str(folder) for folder in folders if nobody_holds(folder.name.removeprefix("heurigym-"))}


def nobody_holds(slot: str) -> bool:
    lock = FileLock(lock_folder("heurigym-slots", shared=False) / f"{slot}.lock")
    free = lock.acquire(blocking=False)
    lock.release()
    return free


def test_bubblewrap_leaves_nothing(core: int) -> None:
    places = (descendants, mounts, temporary_files, shared_objects, abandoned_groups)
    before = {place: place() for place in places}
    sandbox = open_backend("bubblewrap")
    attack(sandbox, core)
    assert descendants() > before[descendants]
    sandbox.close()
    eventually_nothing(lambda: [new for place in places if (new := place() - before[place])])


def test_docker_leaves_nothing(core: int) -> None:
    from heurigym.execution.docker import DockerSandbox
    from heurigym.execution.docker_engine import LABEL, Engine

    before = mounts() | shared_objects()
    sandbox = open_backend("docker")
    assert isinstance(sandbox, DockerSandbox)
    engine = Engine()
    ours = {"label": f"{LABEL}={sandbox.label}"}
    made: dict[str, set[str]] = {"processes": set(), "mounts": set(), "groups": set()}

    def look() -> None:
        for container in engine.api.containers(all=True, filters=ours):
            with contextlib.suppress(engine.errors.NotFound):
                facts = engine.api.inspect_container(container["Id"])
                if facts["State"]["Pid"]:
                    made["processes"].add(str(facts["State"]["Pid"]))
                # A container that is just being made has no file system yet.
                layers = facts["GraphDriver"]["Data"] or {}
                places = (layers.get("MergedDir"), facts["NetworkSettings"]["SandboxKey"])
                made["mounts"] |= {place for place in places if place}
                made["mounts"] |= {mount["Source"] for mount in facts["Mounts"]} - {""}
                made["groups"].add(facts["Id"])

    def left() -> list[object]:
        mounted = {line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()}
        groups = {path.name for path in Path("/sys/fs/cgroup").glob("**/docker/*") if path.is_dir()}
        return [
            *(pid for pid in made["processes"] if Path(f"/proc/{pid}").exists()),
            *(made["mounts"] & mounted),
            *(made["groups"] & groups),
            *engine.api.containers(all=True, filters=ours),
            *(engine.api.volumes(filters=ours)["Volumes"] or ()),
            *((mounts() | shared_objects()) - before),
        ]

    try:
        for _ in range(2):
            attack(sandbox, core)
            look()
        assert made["processes"] and made["mounts"] and made["groups"]
        assert left()
        sandbox.close()
        eventually_nothing(left)
    finally:
        engine.close()
