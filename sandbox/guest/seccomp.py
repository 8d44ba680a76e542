"""From a system call policy in the OCI format to a seccomp filter, for x86-64 and 64-bit ARM.

The policy is the same file that a container engine takes, so that both kinds of sandbox have one policy. Of the
format this compiles what the policy uses: the actions ``SCMP_ACT_ALLOW`` and ``SCMP_ACT_ERRNO``, and the
comparisons ``SCMP_CMP_EQ`` and ``SCMP_CMP_MASKED_EQ``; anything else is an error. System calls of another
architecture, and those with a number in the x32 range, end the process. Numbers beyond every one that is known
answer ``ENOSYS``, so that libraries fall back to older calls.
"""

import errno
import json
import platform
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NEWEST_KNOWN = 462
_X32 = 0x40000000

_LOAD = 0x20
_AND = 0x54
_EQUAL = 0x15
_GREATER = 0x25
_AT_LEAST = 0x35
_RETURN = 0x06
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16

_KILL = 0x80000000
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000

Instruction = tuple[int, int, int, int]


def compile_policy(policy_path: str | Path, machine: str | None = None) -> bytes:
    """The filter for the policy at ``policy_path``, as BPF instructions of 8 bytes each.

    Args:
        policy_path: the policy; ``syscalls.json`` with the numbers of the system calls is beside it.
        machine: ``x86_64`` or ``aarch64``; by default the one that this process runs on.

    Raises:
        ValueError: the architecture is not known, or the policy uses a part of the format that is not.
    """
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES or sys.byteorder != "little":
        raise ValueError(f"there are no system call numbers for {machine}")
    path = Path(policy_path)
    policy = json.loads(path.read_text())
    numbers: dict[str, int] = json.loads(path.with_name("syscalls.json").read_text())[machine]
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
        (_GREATER, 0, 1, _NEWEST_KNOWN),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]
    default = _action(policy["defaultAction"], policy["defaultErrnoRet"])
    plain: set[int] = set()
    for rule in policy["syscalls"]:
        action = _action(rule["action"], rule.get("errnoRet", policy["defaultErrnoRet"]))
        present = [numbers[name] for name in rule["names"] if name in numbers]
        if action == _ALLOW and not rule.get("args"):
            plain.update(present)
        else:
            for number in present:
                program += _rule(number, rule.get("args", []), action)
    program += _search(_ranges(plain), default)
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """The numbers as ranges without gaps, both ends included, ascending."""
    ranges: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges


def _search(ranges: list[tuple[int, int]], default: int) -> list[Instruction]:
    """Allow the numbers in ``ranges`` and answer ``default`` to others, by binary search.

    The kernel runs a new filter once for every system call there is, so that a long chain of comparisons would
    take milliseconds for each execution.
    """
    if not ranges:
        return [(_RETURN, 0, 0, default)]
    if len(ranges) == 1:
        first, last = ranges[0]
        return [
            (_AT_LEAST, 0, 1, first),
            (_GREATER, 0, 1, last),
            (_RETURN, 0, 0, default),
            (_RETURN, 0, 0, _ALLOW),
        ]
    middle = len(ranges) // 2
    lower, upper = _search(ranges[:middle], default), _search(ranges[middle:], default)
    return [(_AT_LEAST, len(lower), 0, ranges[middle][0]), *lower, *upper]


def _rule(number: int, arguments: list[dict[str, Any]], action: int) -> list[Instruction]:
    """Return ``action`` if the number and all arguments fit; else go on with the number loaded again."""
    checks: list[Instruction] = []
    for argument in arguments:
        checks += _comparison(argument)
    if not checks:
        return [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, action)]
    body = [*checks, (_RETURN, 0, 0, action)]
    linked = [
        (code, 0, len(body) - index - 1, value) if code == _EQUAL else (code, yes, no, value)
        for index, (code, yes, no, value) in enumerate(body)
    ]
    return [(_EQUAL, 0, len(body) + 1, number), *linked, (_LOAD, 0, 0, _NUMBER)]


def _comparison(argument: dict[str, Any]) -> list[Instruction]:
    """Compare an argument's 64 bits, half by half."""
    if argument["op"] == "SCMP_CMP_EQ":
        mask, value = (1 << 64) - 1, argument["value"]
    elif argument["op"] == "SCMP_CMP_MASKED_EQ":
        mask, value = argument["value"], argument["valueTwo"]
    else:
        raise ValueError(f"the comparison {argument['op']} is not known")
    instructions: list[Instruction] = []
    for half in (0, 32):
        part_mask, part = (mask >> half) & 0xFFFFFFFF, (value >> half) & 0xFFFFFFFF
        if part_mask:
            instructions.append((_LOAD, 0, 0, _ARGUMENTS + 8 * argument["index"] + half // 8))
            if part_mask != 0xFFFFFFFF:
                instructions.append((_AND, 0, 0, part_mask))
            instructions.append((_EQUAL, 0, 0, part))
    return instructions


def _action(name: str, error: int) -> int:
    if name == "SCMP_ACT_ALLOW":
        return _ALLOW
    if name == "SCMP_ACT_ERRNO":
        return _ERRNO | error
    raise ValueError(f"the action {name} is not known")
