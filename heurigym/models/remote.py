"""What every adapter of a remote model shares: limits on time, and errors told apart."""

import asyncio
import time
from abc import ABC, abstractmethod
from typing import Any

from heurigym.models.answer import Answer
from heurigym.models.errors import CallFailed, classify
from heurigym.models.limits import CallLimits
from heurigym.models.names import ModelName
from heurigym.models.protocol import CallContext, Reply, Request
from heurigym.models.providers import Endpoint


class RemoteModel(ABC):
    """A model behind an SDK. ``complete`` makes one try; repeating it is the gateway's business."""

    is_script = False

    def __init__(self, name: ModelName, endpoint: Endpoint, limits: CallLimits) -> None:
        self.name = name.full
        self._model = name.model
        self._effort = name.effort
        self._endpoint = endpoint
        self._limits = limits

    async def complete(self, request: Request, context: CallContext) -> Reply:
        """The reply to one try.

        Raises:
            CallFailed: there is none; ``usage`` holds what had been counted by then.
        """
        answer = Answer()
        started = time.monotonic()
        limit = self._limits.call_timeout_s
        try:
            try:
                async with asyncio.timeout(limit) as clock:
                    sent = await self._stream(request, answer)
                return answer.reply(request, sent, time.monotonic() - started)
            except TimeoutError as error:
                if not clock.expired():
                    raise
                # The provider was at work, and what it has read and written so far is on the bill.
                raise CallFailed(
                    f"no end of the reply within {limit:g} s", permanent=False, usage=answer.counted(request)
                ) from error
        except CallFailed:
            raise
        except Exception as error:
            failure = classify(error, self._endpoint.key)
            if answer.events and failure.usage is None:
                failure.usage = answer.counted(request)
            raise failure from None

    @abstractmethod
    async def _stream(self, request: Request, answer: Answer) -> dict[str, Any]:
        """Make the call, fill in ``answer`` event by event, and return the settings as sent."""

    @abstractmethod
    async def close(self) -> None:
        """Give back connections."""
