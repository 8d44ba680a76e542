"""How models are named: ``provider/model[:effort]``."""

from dataclasses import dataclass

from heurigym.errors import InputError

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True)
class ModelName:
    """A model's name, taken apart.

    Attributes:
        full: the name as it was asked for.
        provider: who serves the model.
        model: what the provider calls it.
        effort: how hard it shall think; unset leaves the provider's default.
    """

    full: str
    provider: str
    model: str
    effort: str | None

    @property
    def without_effort(self) -> str:
        """``provider/model``: what prices and addresses are looked up by."""
        return f"{self.provider}/{self.model}"


def parse_name(name: str) -> ModelName:
    """The parts of ``name``.

    Only a known effort counts as one, so that tags such as ``ollama/llama3:8b`` stay part of the model.

    Raises:
        InputError: it is not written as provider/model.
    """
    provider, separator, model = name.partition("/")
    if not separator or not provider or not model:
        raise InputError(f"model {name!r} must be written as provider/model, such as scripted/ladder")
    head, colon, tail = model.rpartition(":")
    if colon and head and tail in EFFORTS and provider not in ("scripted", "replay"):
        return ModelName(name, provider, head, tail)
    return ModelName(name, provider, model, None)
