"""Options of strategies, checked."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from heurigym.errors import InputError
from heurigym.problems.spec import describe

Options = TypeVar("Options", bound=BaseModel)


def parse_options(strategy: str, options: Mapping[str, Any], model: type[Options]) -> Options:
    """``options`` as ``model``.

    Raises:
        InputError: they do not fit; the message names strategy, option and fix.
    """
    try:
        return model.model_validate(dict(options))
    except ValidationError as error:
        raise InputError(describe(f"options of strategy {strategy}", error)) from None
