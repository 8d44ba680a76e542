"""How one execution ended."""

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of one execution of a program on one instance, most severe first.

    ``no_program`` and ``harness_error`` stand apart: the first means that a reply held no program to run, the
    second that the harness failed, which is never counted against a program.
    """

    NO_PROGRAM = "no_program"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    NO_OUTPUT = "no_output"
    OUTPUT_TOO_LARGE = "output_too_large"
    MALFORMED = "malformed"
    INFEASIBLE = "infeasible"
    FEASIBLE = "feasible"
    HARNESS_ERROR = "harness_error"

    @property
    def stage(self) -> int:
        """The last stage passed: 0 none, 1 ran to its end in time, 2 well-formed solution, 3 feasible."""
        return _STAGES.get(self, 0)


_STAGES = {
    Outcome.NO_OUTPUT: 1,
    Outcome.OUTPUT_TOO_LARGE: 1,
    Outcome.MALFORMED: 1,
    Outcome.INFEASIBLE: 2,
    Outcome.FEASIBLE: 3,
}
