"""How executions end, through the public protocol and with real programs."""

import pytest
from sandboxing import Run

from heurigym.execution.sandbox import Job, Sandbox
from heurigym.problems.outcome import Outcome
from heurigym.problems.spec import Limits

DONE = "open(solution, 'w').write('done')"


def test_a_solution_comes_back_with_streams_and_times(run: Run) -> None:
    done = run(
        """
        import sys
        print("seen", open(instance).read())
        print("warned", file=sys.stderr)
        open(solution, "wb").write(bytes(range(256)))
        """,
        instance=b'{"n": 7}',
    )
    assert done.outcome is None
    assert done.solution == bytes(range(256))
    assert done.stdout == 'seen {"n": 7}\n'
    assert done.stderr == "warned\n"
    assert done.exit_code == 0
    assert 0 < done.cpu_s <= done.wall_s * 1.5
    assert done.charged_s <= done.wall_s
    assert done.peak_memory_mb is not None and done.peak_memory_mb < 100


def test_several_inputs_arrive_in_order_before_the_solution(sandbox: Sandbox, core: int) -> None:
    program = b"def solve(a, b, c):\n open(c, 'w').write(f'{a} {open(a).read()} {b} {open(b).read()} {c}')\n"
    inputs = (("instance.nodes", b"1"), ("instance.net", b"2"))
    done = sandbox.run(Job(program, inputs, "solution.out", Limits()), (core,))
    assert done.solution == b"/in/instance.nodes 1 /in/instance.net 2 /out/solution.out"


def test_an_exception_is_a_crash_whose_traceback_shows_only_the_program(run: Run) -> None:
    done = run("return 1 / int(open(instance).read())", instance=b"0")
    assert done.outcome is Outcome.CRASHED
    assert done.message == "ZeroDivisionError: division by zero"
    assert done.exit_code == 1
    assert done.stderr.count("File ") == 1
    assert '"/in/program.py", line 3, in solve' in done.stderr
    assert "return 1 / int" in done.stderr


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise SystemExit(3)", "exit code 3"),
        ("import os; os._exit(7)", "exit code 7"),
        ("raise SystemExit('no way')", "no way"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "SIGTERM"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import os; os.abort()", "SIGABRT"),
    ],
)
def test_other_ways_to_crash(run: Run, body: str, message: str) -> None:
    done = run(f"{DONE}\n{body}")
    assert done.outcome is Outcome.CRASHED
    assert message in done.message
    assert done.solution is None


def test_a_program_that_does_not_compile_crashes(run: Run) -> None:
    done = run("pass", top="def broken(:")
    assert done.outcome is Outcome.CRASHED
    assert "SyntaxError" in done.message
    assert "/in/program.py" in done.stderr


def test_a_program_without_solve_crashes(sandbox: Sandbox, core: int) -> None:
    done = sandbox.run(Job(b"solve = 3", (("instance.json", b""),), "solution.txt", Limits()), (core,))
    assert done.outcome is Outcome.CRASHED
    assert "no function named solve" in done.message


def test_a_program_that_writes_nothing_has_no_output(run: Run) -> None:
    done = run("pass")
    assert (done.outcome, done.message) == (Outcome.NO_OUTPUT, "the program wrote no solution file")


@pytest.mark.parametrize("body", ["raise SystemExit", "raise SystemExit(0)", "import os; os._exit(0)", "return 5"])
def test_ends_that_are_normal(run: Run, body: str) -> None:
    done = run(f"with open(solution, 'w') as file: file.write('done')\n{body}")
    assert (done.outcome, done.solution) == (None, b"done")


def test_threads_and_exit_handlers_end_before_the_solution_is_taken(run: Run) -> None:
    done = run(
        """
        import atexit, threading, time
        file = open(solution, "w")
        atexit.register(lambda: (file.write("handler"), file.close()))
        threading.Thread(target=lambda: (time.sleep(0.1), file.write("thread "))).start()
        """
    )
    assert done.solution == b"thread handler"


def test_sleeping_is_charged(run: Run) -> None:
    done = run("import time; time.sleep(60)", limits=Limits(time_s=0.3))
    assert done.outcome is Outcome.TIMED_OUT
    assert done.charged_s > 0.3
    assert "0.3 s" in done.message
    assert done.solution is None


def test_computing_is_charged(run: Run) -> None:
    done = run("while True: pass", limits=Limits(time_s=0.3))
    assert done.outcome is Outcome.TIMED_OUT
    assert done.cpu_s > 0.2


def test_a_solution_written_before_the_time_is_up_does_not_count(run: Run) -> None:
    done = run(f"{DONE}\nwhile True: pass", limits=Limits(time_s=0.2))
    assert (done.outcome, done.solution) == (Outcome.TIMED_OUT, None)


def test_memory_of_one_process(run: Run) -> None:
    done = run(
        f"{DONE}\nhoard = []\nwhile True: hoard.append(bytearray(1 << 24))", limits=Limits(memory_mb=128, time_s=20)
    )
    assert done.outcome is Outcome.OUT_OF_MEMORY
    assert "128 MiB" in done.message


def test_memory_of_eight_processes_that_the_program_survives(run: Run) -> None:
    done = run(
        f"""
        import os, time
        for _ in range(8):
            if os.fork() == 0:
                hoard = bytearray(64 << 20)
                time.sleep(60)
        for _ in range(8):
            try: os.wait()
            except OSError: pass
        {DONE}
        """,
        limits=Limits(memory_mb=256, time_s=20),
    )
    assert done.outcome is Outcome.OUT_OF_MEMORY


def test_an_impossible_allocation_is_out_of_memory(run: Run) -> None:
    done = run("import numpy; numpy.ones(10 ** 15)")
    assert done.outcome is Outcome.OUT_OF_MEMORY
    assert "Unable to allocate" in done.message


def test_memory_within_the_limit_is_fine(run: Run) -> None:
    done = run(f"hoard = bytearray(100 << 20)\n{DONE}", limits=Limits(memory_mb=256))
    assert done.outcome is None
    assert done.peak_memory_mb is not None and 95 <= done.peak_memory_mb <= 150


def test_a_flood_of_output_is_cut_and_does_not_block(run: Run) -> None:
    done = run(
        f"""
        import sys
        print("first")
        for _ in range(2000):
            sys.stdout.write("x" * 10000)
            sys.stderr.write("y" * 10000)
        print("last")
        {DONE}
        """,
        limits=Limits(output_kb=64, time_s=20),
    )
    assert done.outcome is None
    assert done.stdout.startswith("first") and done.stdout.endswith("last\n")
    assert "bytes cut" in done.stdout
    assert len(done.stdout) < 66 << 10 and len(done.stderr) < 66 << 10


def test_a_full_disk_is_the_programs_own_error(run: Run) -> None:
    done = run(
        """
        import errno, os
        written = 0
        try:
            for number in range(64):
                with open(f"/tmp/{number}", "wb", buffering=0) as file:
                    written += file.write(bytes(1 << 20))
        except OSError as error:
            os.remove("/tmp/0")
            open(solution, "w").write(f"{errno.errorcode[error.errno]} {written >> 20}")
        """,
        limits=Limits(scratch_mb=8),
    )
    assert done.solution == b"ENOSPC 8"


def test_the_number_of_files_is_limited(run: Run) -> None:
    done = run(
        """
        made = 0
        try:
            while made < 1000:
                open(f"/work/{made}", "w").close()
                made += 1
        except OSError:
            pass
        import os
        os.remove("/work/0")
        open(solution, "w").write(str(made))
        """,
        limits=Limits(files=100),
    )
    assert done.solution == b"100"


def test_the_number_of_processes_is_limited(run: Run) -> None:
    done = run(
        """
        import os, time
        started = 0
        try:
            while started < 200:
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
                started += 1
        except OSError:
            pass
        open(solution, "w").write(str(started))
        """,
        limits=Limits(processes=10),
    )
    assert done.solution == b"9"


def test_a_file_larger_than_everything_cannot_be_made(run: Run) -> None:
    done = run("open(solution, 'wb').truncate(1 << 42)", limits=Limits(scratch_mb=16))
    assert done.outcome is Outcome.CRASHED
    assert "File too large" in done.message


def test_what_programs_use_works(run: Run) -> None:
    done = run(
        """
        import multiprocessing, subprocess, sys, threading, queue, concurrent.futures, tempfile, sqlite3
        import numpy, scipy.optimize, scipy.sparse, pandas, networkx
        from multiprocessing import shared_memory
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map(abs, [-1, -2]) == [1, 2]
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            assert list(pool.map(abs, [-3])) == [3]
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            assert pool.map(double, [4]) == [8]
        block = shared_memory.SharedMemory(create=True, size=100)
        block.close(); block.unlink()
        queue_ = multiprocessing.Queue(); queue_.put(1); assert queue_.get() == 1
        output = subprocess.run([sys.executable, "-c", "import numpy; print(numpy.arange(3).sum())"],
                                capture_output=True, text=True)
        assert output.stdout == "3\\n", output
        assert (numpy.eye(50) @ numpy.ones((50, 50))).sum() == 2500
        assert scipy.optimize.linprog([1, 1], A_ub=[[-1, -1]], b_ub=[-1]).fun == 1
        assert scipy.optimize.milp([1, 1], integrality=[1, 1]).success
        assert pandas.DataFrame({"a": [1, 2]}).a.sum() == 3
        assert networkx.shortest_path_length(networkx.path_graph(5), 0, 4) == 4
        tempfile.TemporaryFile().write(b"x")
        results = []
        threads = [threading.Thread(target=results.append, args=(i,)) for i in range(8)]
        [t.start() for t in threads]; [t.join() for t in threads]
        open(solution, "w").write("all")
        """,
        top="def double(x): return 2 * x",
        limits=Limits(time_s=60),
    )
    assert (done.outcome, done.message, done.solution) == (None, "", b"all"), done.stderr
