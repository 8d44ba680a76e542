"""What the command line looks like to tests."""

import subprocess
from collections.abc import Callable

Command = Callable[..., "subprocess.CompletedProcess[str]"]
"""Runs ``heurigym`` with the given arguments."""
