"""How long a call may take."""

from dataclasses import dataclass

CONNECT_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class CallLimits:
    """How long one try may take.

    Attributes:
        call_timeout_s: wall-clock limit.
        idle_timeout_s: the longest silence.
    """

    call_timeout_s: float = 900.0
    idle_timeout_s: float = 300.0
