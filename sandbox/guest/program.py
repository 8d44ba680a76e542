"""The program's side of an execution: from a parked child to the end of ``solve``."""

import atexit
import gc
import os
import random
import resource
import signal
import sys
import threading
import traceback
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from guest import meters

_PROGRAM = "program"
_STACK = 8 << 20
_OPEN_FILES = 1024


@dataclass(frozen=True)
class Order:
    """What the parked child is told when its job has come.

    Attributes:
        program: path of the program.
        inputs: paths of the inputs, in the order of ``solve``.
        solution: path of the solution.
        work: the current folder and home.
        tmp: the folder for temporary files.
        cores: the cores to run on.
        processes: processes and threads of the program's user at once; 0 for no limit.
        file_mb: largest file, MiB.
        address_space_mb: address space of each process beyond what it starts with, MiB; 0 for no limit.
    """

    program: str
    inputs: tuple[str, ...]
    solution: str
    work: str
    tmp: str
    cores: tuple[int, ...]
    processes: int
    file_mb: int
    address_space_mb: int


def confine(order: Order) -> None:
    """Apply the limits that a process puts on itself before it becomes an ordinary user."""
    os.sched_setaffinity(0, order.cores)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, order.file_mb << 20)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_STACK, _STACK)
    if order.address_space_mb:
        used = int(meters.read_file("/proc/self/statm").split()[0]) * resource.getpagesize()
        _limit(resource.RLIMIT_AS, used + (order.address_space_mb << 20))


def confine_user(order: Order) -> None:
    """Apply the limit on processes, which counts for the user that this process has become."""
    if order.processes:
        _limit(resource.RLIMIT_NPROC, order.processes)


def furnish(order: Order, blas_thread_setters: Sequence[Callable[[int], object]]) -> None:
    """Give the interpreter the environment, streams and state that a program finds, the same every time."""
    threads = len(order.cores)
    variables = environment(order.work, order.tmp, threads)
    os.environ.clear()
    os.environ.update(variables)
    for setter in blas_thread_setters:
        setter(threads)
    os.cpu_count = lambda: threads
    os.umask(0o022)
    os.chdir(order.work)
    sys.argv = [order.program]
    guest_code = str(Path(__file__).parent.parent)
    sys.path[:] = [str(Path(order.program).parent), *(path for path in sys.path if path != guest_code)]
    for name in [name for name in sys.modules if name == "guest" or name.startswith("guest.")]:
        del sys.modules[name]
    sys.modules["__main__"] = types.ModuleType("__main__")
    for number in range(1, signal.NSIG):
        if number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ, 32, 33):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name, fd, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        stream = os.fdopen(
            fd, mode, 1 if fd == 2 else -1, encoding="utf-8", errors="backslashreplace", closefd=False
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    gc.enable()


def environment(work: str, tmp: str, threads: int) -> dict[str, str]:
    """The environment variables that a program sees; paths of the interpreter are those of this process."""
    return {
        "HOME": work,
        "LANG": "C.UTF-8",
        "MKL_NUM_THREADS": str(threads),
        "NUMEXPR_NUM_THREADS": str(threads),
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.environ["PYTHONPATH"].partition(":")[0],
        "PYTHONUTF8": "1",
        "TMPDIR": tmp,
        "USER": "runner",
    }


def run(order: Order) -> NoReturn:
    """Import the program, call ``solve``, and end the process as an interpreter would."""
    code = 1
    try:
        _solve(order)
        code = 0
    except SystemExit as leaving:
        code = _exit_code(leaving)
    except BaseException as error:
        _report(error, order.program)
    finally:
        os._exit(_wind_up(code))


def _solve(order: Order) -> None:
    module = types.ModuleType(_PROGRAM)
    module.__file__ = order.program
    sys.modules[_PROGRAM] = module
    code = compile(Path(order.program).read_bytes(), order.program, "exec", dont_inherit=True)
    exec(code, module.__dict__)
    solve = module.__dict__.get("solve")
    if not callable(solve):
        print("the program defines no function named solve", file=sys.stderr)
        sys.exit(1)
    solve(*order.inputs, order.solution)


def _exit_code(leaving: SystemExit) -> int:
    if leaving.code is None:
        return 0
    if isinstance(leaving.code, int):
        return leaving.code & 0xFF
    print(leaving.code, file=sys.stderr)
    return 1


def _report(error: BaseException, program: str) -> None:
    """Print the traceback without the frames that called the program."""
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename != program:
        frame = frame.tb_next
    try:
        traceback.print_exception(type(error), error, frame)
    except BaseException:
        print(f"{type(error).__name__} (it cannot be printed)", file=sys.stderr)


def _wind_up(code: int) -> int:
    """Wait for threads, run the exit handlers and flush, and return the exit code."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException as error:
        _report(error, "")
        return code or 1
    return code


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))
