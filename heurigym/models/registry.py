"""From a model's name to the model."""

from pathlib import Path

from heurigym.errors import InputError
from heurigym.models.protocol import LanguageModel
from heurigym.models.replay import Replay
from heurigym.models.scripted import Ladder


def open_model(name: str) -> LanguageModel:
    """The model called ``name``, which is written ``provider/model[:effort]``.

    Raises:
        InputError: there is no such provider; the message lists those that exist.
    """
    provider, separator, rest = name.partition("/")
    if not separator or not rest:
        raise InputError(f"model {name!r} must be written as provider/model, such as scripted/ladder")
    if provider == "scripted" and rest == "ladder":
        return Ladder()
    if provider == "replay":
        return Replay(name, Path(rest))
    raise InputError(f"unknown model {name!r}; known: scripted/ladder, replay/PATH")
