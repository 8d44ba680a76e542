"""The system call policy compiles to a filter that decides as the policy says, on both architectures."""

import errno
import json
import re
import struct
import sys
from pathlib import Path

import pytest

SANDBOX = Path(__file__).resolve().parents[2] / "sandbox"
sys.path.insert(0, str(SANDBOX))

from guest import seccomp  # noqa: E402

POLICY = SANDBOX / "seccomp.json"
NUMBERS = json.loads((SANDBOX / "syscalls.json").read_text())
ALLOW = "allow"
KILL = "kill"


def decide(program: bytes, number: int, arch: int, arguments: tuple[int, ...] = ()) -> str | int:
    """Interpret a filter as the kernel does: allow, kill, or the error number."""
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, arch, 0, *(tuple(arguments) + (0,) * 6)[:6])
    accumulator, position = 0, 0
    while True:
        code, yes, no, value = struct.unpack_from("<HBBI", program, 8 * position)
        position += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == 0x54:
            accumulator &= value
        elif code in (0x15, 0x25, 0x35):
            holds = {0x15: accumulator == value, 0x25: accumulator > value, 0x35: accumulator >= value}[code]
            position += yes if holds else no
        elif code == 0x06:
            if value == 0x7FFF0000:
                return ALLOW
            if value == 0x80000000:
                return KILL
            assert value & 0xFFFF0000 == 0x00050000
            return value & 0xFFFF
        else:
            raise AssertionError(f"unknown instruction {code:#x}")


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_number_gets_what_the_policy_says(machine: str) -> None:
    program = seccomp.compile_policy(POLICY, machine)
    arch = seccomp.ARCHITECTURES[machine]
    policy = json.loads(POLICY.read_text())
    plain = {
        name
        for rule in policy["syscalls"]
        if not rule.get("args") and rule["action"] == "SCMP_ACT_ALLOW"
        for name in rule["names"]
    }
    allowed = {number for name, number in NUMBERS[machine].items() if name in plain}
    for number in range(463):
        expected: str | int = ALLOW if number in allowed else errno.EPERM
        if number == NUMBERS[machine]["clone3"]:
            expected = errno.ENOSYS
        if number == NUMBERS[machine]["clone"]:
            expected = ALLOW
        if number == NUMBERS[machine].get("mknod"):
            expected = errno.EPERM
        if number in (NUMBERS[machine]["prlimit64"], NUMBERS[machine]["setpriority"]):
            expected = ALLOW
        assert decide(program, number, arch) == expected, number


def test_arguments_are_compared_in_full(machine: str) -> None:
    program = seccomp.compile_policy(POLICY, machine)
    arch = seccomp.ARCHITECTURES[machine]
    numbers = NUMBERS[machine]

    def answer(name: str, *arguments: int) -> str | int:
        return decide(program, numbers[name], arch, arguments)

    assert answer("socket", 1, 1, 0) == ALLOW
    assert [answer("socket", family) for family in (0, 2, 10, 16, 17, 40)] == [errno.EPERM] * 6
    assert answer("socket", 1 | 1 << 32) == errno.EPERM
    assert answer("clone", 0x3D0F00) == ALLOW
    for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert answer("clone", 17 | flag) == errno.EPERM
    assert answer("prlimit64", 0, 7) == ALLOW
    assert answer("prlimit64", 1, 7) == errno.EPERM
    assert answer("mknodat", 3, 0, 0o100644) == ALLOW
    assert answer("mknodat", 3, 0, 0o010644) == ALLOW
    assert answer("mknodat", 3, 0, 0o060644) == errno.EPERM
    assert answer("mknodat", 3, 0, 0o020644) == errno.EPERM
    assert answer("setpriority", 0, 0, 5) == ALLOW
    assert answer("setpriority", 0, 1, 5) == errno.EPERM
    assert answer("setpriority", 2, 0, 5) == errno.EPERM


def test_other_architectures_and_x32_end_the_process(machine: str) -> None:
    program = seccomp.compile_policy(POLICY, machine)
    arch = seccomp.ARCHITECTURES[machine]
    assert decide(program, NUMBERS[machine]["read"], 0x40000003) == KILL
    assert decide(program, 0x40000000 | NUMBERS[machine]["read"], arch) == KILL


def test_calls_that_are_newer_than_the_table_do_not_exist(machine: str) -> None:
    program = seccomp.compile_policy(POLICY, machine)
    assert decide(program, 500, seccomp.ARCHITECTURES[machine]) == errno.ENOSYS


def test_what_must_never_be_allowed_is_not_named() -> None:
    named = {name for rule in json.loads(POLICY.read_text())["syscalls"] for name in rule["names"]}
    assert not named & {
        *("ptrace", "process_vm_readv", "process_vm_writev", "keyctl", "add_key", "request_key", "bpf", "mount"),
        *("umount2", "unshare", "setns", "pivot_root", "chroot", "perf_event_open", "open_by_handle_at"),
        *("io_uring_setup", "io_uring_enter", "userfaultfd", "sched_setaffinity", "kexec_load", "init_module"),
        *("finit_module", "open_tree", "move_mount", "fsopen", "pidfd_getfd", "sched_setscheduler", "ioprio_set"),
        *("kcmp", "name_to_handle_at", "acct", "swapon", "reboot", "quotactl", "iopl", "ioperm", "modify_ldt"),
    }


def test_the_numbers_are_those_of_this_hosts_headers() -> None:
    header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
    if not header.is_file():
        pytest.skip("the kernel's headers for x86-64 are not installed")
    known = {name: int(number) for name, number in re.findall(r"#define __NR_(\w+)\s+(\d+)", header.read_text())}
    assert {n: v for n, v in NUMBERS["x86_64"].items() if n in known} == {
        n: known[n] for n in NUMBERS["x86_64"] if n in known
    }


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"names": ["read"], "action": "SCMP_ACT_LOG"}, "action"),
        (
            {
                "names": ["read"],
                "action": "SCMP_ACT_ALLOW",
                "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_GT"}],
            },
            "comparison",
        ),
    ],
)
def test_an_unknown_part_of_the_format_is_an_error(tmp_path: Path, rule: dict[str, object], reason: str) -> None:
    policy = {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "syscalls": [rule]}
    (tmp_path / "seccomp.json").write_text(json.dumps(policy))
    (tmp_path / "syscalls.json").write_text(json.dumps(NUMBERS))
    with pytest.raises(ValueError, match=reason):
        seccomp.compile_policy(tmp_path / "seccomp.json", "x86_64")


def test_an_unknown_architecture_is_an_error() -> None:
    with pytest.raises(ValueError, match="riscv64"):
        seccomp.compile_policy(POLICY, "riscv64")
