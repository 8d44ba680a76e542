"""What verifying an entry finds: differences, their kinds, and when one is held against the entry."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """What is different."""

    MISSING = "missing"
    DAMAGED = "damaged"
    UNEXPECTED = "unexpected"
    DIGEST = "digest"
    VERSION = "version"
    IDENTITY = "identity"
    PROMPT = "prompt"
    PROGRAM = "program"
    INSTANCES = "instances"
    SCORE = "score"
    REFERENCE = "reference"
    SELECTION = "selection"
    VERDICT = "verdict"
    OBJECTIVE = "objective"
    VARIES = "varies"
    UNVERIFIED = "unverified"


class Difference(BaseModel):
    """One way in which an entry is not what was found here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = Field(description="what is different")
    where: str = Field(description="cell, attempt, split and instance")
    stored: str = Field("", description="what the entry says")
    found: str = Field("", description="what was found here")
    amount: float | None = Field(None, description="stored less found, where both are numbers")
    fatal: bool = Field(True, description="whether the entry fails for it")

    def __str__(self) -> str:
        values = f": stored {self.stored}, found {self.found}" if self.stored or self.found else ""
        amount = f" ({self.amount:+.6g})" if self.amount is not None else ""
        return f"{self.kind}: {self.where}{values}{amount}"


class ScoreCheck(BaseModel):
    """The eval score of one trajectory, as stored and as found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    problem: str = Field(description="name of the problem")
    model: str = Field(description="name of the model")
    strategy: str = Field(description="name of the strategy")
    sample: int = Field(description="number of the sample")
    stored_qyi: float | None = Field(description="QYI of the selected program on the eval split, as stored")
    found_qyi: float | None = Field(description="the same, re-judged here, by the expert values of the entry")
    today_qyi: float | None = Field(description="what a board shows: as stored, by the expert values known here")


class EntryReport(BaseModel):
    """The outcome of verifying an entry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entry: str = Field(description="name of the entry's folder")
    trajectories: int = Field(description="trajectories that were read")
    programs: int = Field(description="different programs that were re-judged")
    runs: int = Field(description="executions that were compared")
    differences: tuple[Difference, ...] = Field(description="what differs")
    scores: tuple[ScoreCheck, ...] = Field(description="scores as stored and as found")

    @property
    def passed(self) -> bool:
        """Whether the entry proves itself: nothing fatal differs."""
        return not any(difference.fatal for difference in self.differences)
