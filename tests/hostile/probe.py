"""Says all that an earlier program could have changed."""

# ruff: noqa: PTH109, PTH123, PTH208, SIM115

import ctypes
import gc
import json
import os
import random
import resource
import signal
import sys
import threading
import time

import networkx
import numpy


def solve(instance: str, solution: str) -> None:
    libc = ctypes.CDLL(None)
    facts = {
        "files": [os.listdir(folder) for folder in ("/tmp", "/work", "/out", "/dev/shm", "/in")],
        "folder": os.getcwd(),
        "built-ins": [max([1, 2]), len("ab"), hash("text")],
        "json": json.loads("3"),
        "sum": int(numpy.sum([1, 2])),
        "random": [random.random(), float(numpy.random.rand())],
        "time": time.time() > 1e9,
        "environment": sorted(os.environ.items()),
        "networkx": networkx.__name__,
        "path": sys.path,
        "planted": [name for name in sys.modules if name in ("verifier", "sitecustomize", "usercustomize", "evil")],
        "signals": [str(signal.getsignal(number)) for number in range(1, 32)],
        "threads": threading.active_count(),
        "recursion": sys.getrecursionlimit(),
        "errors": numpy.geterr(),
        "umask": os.umask(0o22),
        "gc": gc.isenabled(),
        "processes": len([name for name in os.listdir("/proc") if name.isdigit()]),
        "System V": [libc.shmget(0x4845, 0, 0), libc.semget(0x4845, 0, 0), libc.msgget(0x4845, 0)],
        "queue": libc.mq_open(b"/left", 0),
        "limits": [resource.getrlimit(kind) for kind in (resource.RLIMIT_STACK, resource.RLIMIT_FSIZE)],
        "cores": len(os.sched_getaffinity(0)),
        "priority": os.getpriority(os.PRIO_PROCESS, 0),
        "input": open(instance).read(),
    }
    with open(solution, "w") as file:
        json.dump(facts, file)
