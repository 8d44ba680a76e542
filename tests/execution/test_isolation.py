"""What programs cannot see, reach, keep or hand in."""

import os
import socket
from pathlib import Path

import pytest
from sandboxing import Run, job

from heurigym.execution.sandbox import Job, Sandbox
from heurigym.problems.outcome import Outcome
from heurigym.problems.spec import Limits


def test_the_file_system_holds_only_the_guest(run: Run) -> None:
    done = run(
        """
        import os
        found = []
        for folder, folders, files in os.walk("/", followlinks=False):
            if folder == "/":
                folders[:] = sorted(set(folders) - {"proc"})
                found += folders
            found += [f"{folder}/{name}" for name in files if os.access(f"{folder}/{name}", os.X_OK)
                      and not name.endswith((".py", ".so")) and ".so." not in name]
        open(solution, "w").write("\\n".join(found))
        """
    )
    assert done.solution is not None
    *folders, python = sorted(done.solution.decode().split(), key=lambda name: (name.startswith("/"), name))
    assert {folder for folder in folders if not folder.startswith("/")} <= {
        *("dev", "etc", "in", "lib", "lib64", "opt", "out", "run", "sys", "tmp", "usr", "work")
    }
    assert python.startswith("/opt/python/bin/python3")


def test_nothing_of_the_harness_can_be_imported_or_found(run: Run) -> None:
    done = run(
        """
        import importlib.util, os
        names = ("heurigym", "pydantic", "pytest", "pip", "guest")
        missing = [name for name in names if importlib.util.find_spec(name) is None]
        hits = [os.path.join(folder, name) for folder, folders, files in os.walk("/opt")
                for name in folders + files if "heurigym" in name or name in ("verifier.py", "baselines.json")]
        open(solution, "w").write(repr((missing, hits)))
        """
    )
    assert done.solution == b"(['heurigym', 'pydantic', 'pytest', 'pip', 'guest'], [])"


def test_the_environment_is_fixed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_API_KEY", "hunter2")
    done = run(
        """
        import os, sys, socket
        block = open("/proc/self/environ", "rb").read()
        host, secret = socket.gethostname(), b"hunter2" in block
        facts = [sorted(os.environ), sys.argv, os.getcwd(), host, os.cpu_count(), secret]
        open(solution, "w").write(repr(facts))
        """
    )
    assert done.solution is not None
    names, argv, cwd, host, cores, secret = eval(done.solution)
    assert not {name for name in names if "KEY" in name or "HEURIGYM" in name}
    assert (argv, cwd, host, cores, secret) == (["/in/program.py"], "/work", "sandbox", 1, False)


def test_no_network_of_any_family(run: Run) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind(f"\0heurigym-test-{os.getpid()}")
    abstract.listen()
    with listener, abstract:
        done = run(
            f"""
            import socket
            reached = []
            for family in range(1, 46):
                try:
                    socket.socket(family, socket.SOCK_STREAM).close()
                    reached.append(family)
                except OSError:
                    pass
            try:
                socket.create_connection(("127.0.0.1", {listener.getsockname()[1]}), 1)
                reached.append("loopback")
            except OSError:
                pass
            try:
                s = socket.socket(socket.AF_UNIX); s.connect("\\0heurigym-test-{os.getpid()}")
                reached.append("abstract")
            except OSError:
                pass
            open(solution, "w").write(repr(reached))
            """
        )
    assert done.solution == b"[1]"


def test_it_is_an_ordinary_user_without_capabilities_alone_in_its_processes(run: Run) -> None:
    done = run(
        """
        import os
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        facts = [os.getuid() != 0, os.geteuid() != 0, int(status["CapEff"], 16), int(status["CapBnd"], 16),
                 status["NoNewPrivs"].strip(), status["Seccomp"].strip(),
                 sorted(int(p) for p in os.listdir("/proc") if p.isdigit())[1:] == [os.getpid()],
                 sorted(os.listdir("/proc/self/fd"))]
        open(solution, "w").write(repr(facts))
        """
    )
    assert done.solution == b"[True, True, 0, 0, '1', '2', True, ['0', '1', '2', '3']]"


@pytest.mark.parametrize(
    "attempt",
    [
        "open(instance, 'w')",
        "os.chmod(instance, 0o777)",
        "os.remove(instance)",
        "open('/in/other', 'w')",
        "open('/opt/guest/site-packages/evil.pth', 'w')",
        "open('/etc/passwd', 'a')",
        "os.mkdir('/new')",
        "open('/dev/new', 'w')",
        "open('/proc/1/environ').read()",
        "open('/proc/1/mem', 'r+b')",
        "os.listdir('/proc/1/root/')",
        "open('/proc/1/fd/0')",
        "os.readlink('/proc/1/exe')",
        "os.sched_setaffinity(0, {0, 1})",
        "os.mknod('/work/device', 0o600 | stat.S_IFBLK, os.makedev(8, 0))",
        "os.setuid(0)",
        "os.chroot('/work')",
        "resource.prlimit(1, resource.RLIMIT_CPU, (0, 0))",
        "os.setpriority(os.PRIO_PROCESS, 1, 19)",
        "os.setpriority(os.PRIO_USER, 0, 19)",
        "os.nice(-5)",
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)",
        "check(libc.unshare(0x10000000))",
        "check(libc.unshare(0x00020000))",
        "check(libc.setns(os.open('/proc/1/ns/net', 0), 0))",
        "check(libc.mount(b'none', b'/work', b'tmpfs', 0, None))",
        "check(libc.umount2(b'/in', 2))",
        "check(libc.ptrace(0, 0, 0, 0))",
        "check(libc.syscall(425, 8, 0))",
        "check(libc.personality(0x0040000))",
        "check(libc.sethostname(b'x', 1))",
        "check(libc.reboot(0))",
        "check(libc.swapon(b'/work', 0))",
    ],
)
def test_what_is_refused(run: Run, attempt: str) -> None:
    done = run(
        f"""
        try:
            {attempt}
            open(solution, "w").write("allowed")
        except (OSError, ValueError):
            open(solution, "w").write("refused")
        """,
        top="""
        import ctypes, os, resource, stat
        libc = ctypes.CDLL(None, use_errno=True)
        def check(result):
            if result < 0: raise OSError(ctypes.get_errno(), "refused")
        """,
    )
    assert done.solution == b"refused", (done.message, done.stderr)


def test_killing_everything_it_sees_ends_only_the_program(run: Run) -> None:
    done = run(
        """
        import os, signal
        open(solution, "w").write("x")
        for pid in [int(name) for name in os.listdir("/proc") if name.isdigit()]:
            if pid != os.getpid():
                try: os.kill(pid, signal.SIGKILL)
                except OSError: pass
        try: os.kill(-1, signal.SIGKILL)
        except OSError: pass
        open(solution, "w").write("still here")
        """
    )
    assert (done.outcome, done.solution) == (None, b"still here")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("os.symlink('/etc/passwd', solution)", "symbolic link"),
        ("os.symlink('/nowhere', solution)", "symbolic link"),
        ("os.mkdir(solution)", "folder"),
        ("os.mkfifo(solution)", "FIFO"),
        ("open('/out/x', 'w').write('x'); os.link('/out/x', solution)", "hard link"),
        ("socket.socket(socket.AF_UNIX).bind(solution)", "socket"),
        ("open(solution, 'w').write('x'); os.chmod(solution, 0)", "permission"),
        ("open(solution, 'w').write('x'); os.chmod('/out', 0)", "folder of the solution"),
    ],
)
def test_a_solution_that_is_not_a_plain_file_is_refused(run: Run, body: str, kind: str) -> None:
    done = run(body, top="import os, socket")
    assert done.outcome is Outcome.NO_OUTPUT
    assert kind in done.message
    assert done.solution is None


def test_a_solution_that_is_too_large_is_refused_unread(run: Run) -> None:
    done = run("open(solution, 'wb').truncate(200 << 20)", limits=Limits(solution_mb=1))
    assert done.outcome is Outcome.OUTPUT_TOO_LARGE
    assert str(200 << 20) in done.message


def test_a_solution_at_the_limit_is_taken(run: Run) -> None:
    done = run("open(solution, 'wb').write(b'x' * (1 << 20))", limits=Limits(solution_mb=1))
    assert done.solution == b"x" * (1 << 20)


def test_a_daemon_dies_with_the_program_and_cannot_change_the_solution(run: Run) -> None:
    done = run(
        """
        import os, signal, time
        open(solution, "w").write("first")
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for number in range(1, 64):
                    try: signal.signal(number, signal.SIG_IGN)
                    except (OSError, ValueError): pass
                for _ in range(6000):
                    time.sleep(0.01)
                    open(solution, "a").write("late")
            os._exit(0)
        os.wait()
        """
    )
    assert done.outcome is None
    assert done.solution is not None and done.solution.startswith(b"first")
    assert done.wall_s < 5


def test_a_tree_that_ignores_signals_dies_at_the_limit(run: Run, sandbox: Sandbox) -> None:
    done = run(
        """
        import os, signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for _ in range(4):
            if os.fork() == 0:
                os.setsid()
        while True: pass
        """,
        limits=Limits(time_s=0.3),
    )
    assert done.outcome is Outcome.TIMED_OUT


POISON = """
import os, sys, builtins, threading, time, signal, json, random, socket
from multiprocessing import shared_memory
import numpy
builtins.open_ = builtins.open
builtins.max = lambda *a: 13
json.loads = lambda *a: "poison"
numpy.sum = lambda *a, **k: -1
time.time = time.monotonic = lambda: 0.0
sys.modules["networkx"] = None
random.seed(99); numpy.random.seed(99); numpy.random.rand(10)
os.environ["POISON"] = "1"
os.chdir("/tmp")
numpy.seterr(all="raise")
sys.setrecursionlimit(50_000)
block = shared_memory.SharedMemory(name="poison", create=True, size=100)
def handler(*a): pass
signal.signal(signal.SIGTERM, handler)
threading.Thread(target=lambda: time.sleep(100), daemon=True).start()
if os.fork() == 0:
    os.setsid()
    import select
    while True: select.select([], [], [], 1)
for folder in ("/tmp", "/work", "/out", "/dev/shm"):
    open_(folder + "/numpy.py", "w").write("poison = True")
    open_(folder + "/evil.pth", "w").write("import os")
def solve(instance, solution):
    open_(solution, "w").write("poisoned " + open_(instance).read())
"""

PROBE = """
import os, sys, json, random, numpy, networkx, time, signal, threading
def solve(instance, solution):
    facts = [
        sorted(os.listdir("/tmp") + os.listdir("/work") + os.listdir("/out") + os.listdir("/dev/shm")),
        os.getcwd(), max([1, 2]), json.loads("3"), int(numpy.sum([1, 2])), time.time() > 1e9,
        random.random(), float(numpy.random.rand()), "POISON" in os.environ, networkx.__name__,
        signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, threading.active_count(),
        sorted(int(p) for p in os.listdir("/proc") if p.isdigit())[1:] == [os.getpid()],
        hash("text"), sys.getrecursionlimit(), numpy.geterr()["divide"], open(instance).read(),
    ]
    open(solution, "w").write(json.dumps(facts))
"""


def test_a_poisoned_program_leaves_nothing_for_the_next(sandbox: Sandbox, core: int) -> None:
    probe = Job(PROBE.encode(), (("instance.json", b"probe"),), "solution.txt", Limits())
    poison = Job(POISON.encode(), (("instance.json", b"first"),), "solution.txt", Limits())
    before = sandbox.run(probe, (core,))
    poisoned = sandbox.run(poison, (core,))
    after = sandbox.run(probe, (core,))
    assert poisoned.solution == b"poisoned first"
    assert before.outcome is None, before.stderr
    assert before.solution == after.solution


def test_memory_of_an_earlier_job_is_not_inherited(sandbox: Sandbox, core: int) -> None:
    secret = b"instance-of-another-run-" + os.urandom(8).hex().encode()
    sandbox.run(job("open(solution, 'wb').write(open(instance, 'rb').read() * 100)", instance=secret * 50), (core,))
    done = sandbox.run(
        job(
            """
            needle = bytes.fromhex(open(instance).read())[::-1]
            found = 0
            with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
                for line in maps.readlines():
                    start, end = (int(part, 16) for part in line.split()[0].split("-"))
                    if "r" in line.split()[1] and "[v" not in line:
                        memory.seek(start)
                        try: content = memory.read(end - start)
                        except OSError: continue
                        found += content.count(needle)
                        del content
            open(solution, "w").write(str(found))
            """,
            instance=secret[::-1].hex().encode(),
        ),
        (core,),
    )
    assert done.solution is not None, done.stderr
    # The needle itself, and what reading chunks of memory that hold it has copied.
    assert int(done.solution) <= 3


def test_nothing_is_left_on_the_host(sandbox: Sandbox, run: Run) -> None:
    mounts = own_mounts()
    run("import os\nif os.fork() == 0: os.setsid(); open('/tmp/x', 'w').write('x'); __import__('time').sleep(99)")
    assert own_mounts() == mounts


def own_mounts() -> list[str]:
    """The mounts of this host, without those of containers, which are prepared and removed in the background."""
    return [line for line in Path("/proc/self/mounts").read_text().splitlines() if "/docker/" not in line]
