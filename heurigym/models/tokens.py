"""Tokens of a text where nobody has counted them."""

import json

from heurigym.models.protocol import Request

_BYTES_PER_TOKEN = 3.5
_FEWEST_BYTES_PER_TOKEN = 2.0
_TOKENS_PER_MESSAGE = 16


def about(text: str) -> int:
    """Tokens that a text has about, at the rate of English and code."""
    return round(len(text.encode()) / _BYTES_PER_TOKEN)


def about_input(request: Request) -> int:
    """Tokens that a request has about."""
    return round(_size(request) / _BYTES_PER_TOKEN) + _TOKENS_PER_MESSAGE * len(request.messages)


def at_most(request: Request) -> int:
    """Tokens that a request hardly exceeds: text full of short numbers has a token for every two bytes."""
    return round(_size(request) / _FEWEST_BYTES_PER_TOKEN) + _TOKENS_PER_MESSAGE * (len(request.messages) + 1)


def _size(request: Request) -> int:
    texts = [request.system, *(message.content for message in request.messages)]
    calls = [call.arguments for message in request.messages for call in message.tool_calls]
    tools = [tool.model_dump() for tool in request.tools]
    return sum(len(text.encode()) for text in texts) + len(json.dumps([calls, tools]))
