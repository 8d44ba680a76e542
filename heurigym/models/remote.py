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
        try:
            return await self._within_limit(request, answer)
        except CallFailed as error:
            failure = error
        except Exception as error:
            failure = classify(error, self._endpoint.key)
        if failure.usage is None and answer.has_begun:
            failure.usage = answer.counted(request)
        # Raised out here, so that it holds on to no frame of the SDK: a stream that is half read closes at once.
        raise failure

    async def _within_limit(self, request: Request, answer: Answer) -> Reply:
        started = time.monotonic()
        limit = self._limits.call_timeout_s
        clock = asyncio.timeout(limit)
        try:
            async with clock:
                sent = await self._stream(request, answer)
        except TimeoutError:
            if not clock.expired():
                raise
            # The provider was at work, and what it has read and written so far is on the bill.
            raise CallFailed(
                f"no end of the reply within {limit:g} s", permanent=False, usage=answer.counted(request)
            ) from None
        return answer.reply(request, sent, time.monotonic() - started)

    @abstractmethod
    async def _stream(self, request: Request, answer: Answer) -> dict[str, Any]:
        """Make the call, fill in ``answer`` event by event, and return the settings as sent."""

    @abstractmethod
    async def close(self) -> None:
        """Give back connections."""
