"""Running ABC where it is installed (A. Mishchenko et al., Berkeley): resynthesis and mapping scripts."""

import re
import resource
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path

NAMES = ("abc", "berkeley-abc", "yosys-abc")
"""What ABC is called on PATH."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class AbcFailed(Exception):
    """ABC ended with an error or too late, or wrote no circuit."""


@dataclass(frozen=True, slots=True)
class Abc:
    """An installed ABC.

    Attributes:
        program: path of the executable.
        version: what it says of itself.
    """

    program: str
    version: str

    def run(self, circuit: str, script: str, seconds: float) -> str:
        """The BLIF text of a circuit after ``script``.

        Args:
            circuit: BLIF text.
            script: ABC commands, separated by semicolons.
            seconds: limit of processor time.

        Raises:
            AbcFailed: nothing came out.
        """
        with tempfile.TemporaryDirectory(prefix="heurigym-abc-") as folder:
            source, target = Path(folder) / "in.blif", Path(folder) / "out.blif"
            source.write_text(circuit, encoding="utf-8")
            command = f"read_blif {source}; {script}; write_blif {target}"
            try:
                subprocess.run(
                    [self.program, "-q", command],
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    preexec_fn=partial(_limit_processor_time, ceil(seconds)),
                    check=True,
                )
                return target.read_text(encoding="utf-8")
            except (subprocess.SubprocessError, OSError) as error:
                raise AbcFailed(f"{script}: {error}") from None


def _limit_processor_time(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def find_abc() -> Abc | None:
    """The ABC on PATH, if there is one."""
    for name in NAMES:
        program = shutil.which(name)
        if program:
            said = subprocess.run(
                [program, "-q", "version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
            )
            words = _COLOUR.sub("", said.stdout).strip().splitlines()
            return Abc(program, words[-1] if words else "unknown version")
    return None
