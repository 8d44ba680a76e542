"""How many calls one provider gets at once: fewer when it complains, more again while it does not."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class AdaptiveLimiter:
    """Additive increase, multiplicative decrease, as TCP does it (Chiu and Jain, 1989).

    A burst of complaints counts once per ``cooldown_s``: calls that were under way together fail together.

    Attributes:
        limit: how many calls may be under way.
        under_way: how many are.
    """

    def __init__(self, start: int, ceiling: int, *, decrease: float = 0.6, cooldown_s: float = 5.0) -> None:
        self.limit = float(min(start, ceiling))
        self.under_way = 0
        self._ceiling = ceiling
        self._decrease = decrease
        self._cooldown_s = cooldown_s
        self._decreased_at = float("-inf")
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Room for one call, once there is some."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.under_way < int(self.limit))
            self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1
            async with self._changed:
                self._changed.notify_all()

    def complained(self) -> None:
        """The provider answered that there are too many calls, or that it is overloaded."""
        now = time.monotonic()
        if now - self._decreased_at >= self._cooldown_s:
            self._decreased_at = now
            self.limit = max(1.0, self.limit * self._decrease)

    def succeeded(self) -> None:
        """A call came through; a full window of them earns one more place."""
        if self.under_way >= int(self.limit):
            self.limit = min(float(self._ceiling), self.limit + 1 / self.limit)
