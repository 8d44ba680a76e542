"""Tries to poison the modules that the next program will use."""

import builtins
import gc
import json
import os
import random
import signal
import sys
import time

import numpy


def solve(instance, solution):
    builtins.open, opened = lambda *arguments: None, builtins.open
    builtins.print = builtins.len = lambda *arguments: 13
    json.loads = json.load = lambda *arguments, **options: "poisoned"
    numpy.sum = numpy.argmin = lambda *arguments, **options: -1
    time.time = time.monotonic = lambda: 0.0
    sys.modules["networkx"] = sys.modules["scipy"] = None
    sys.path.insert(0, "/tmp")
    sys.setrecursionlimit(50_000)
    numpy.seterr(all="raise")
    numpy.random.seed(99)
    random.seed(99)
    os.environ["POISON"] = "1"
    os.umask(0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.disable()
    file = opened(solution, "w")
    file.write("poisoned")
    file.close()
