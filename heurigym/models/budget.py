"""Money: a call reserves its worst case before it is made, and settles what it really cost afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from heurigym.models.protocol import BudgetExceeded


class Wallet:
    """Money that may be spent, by a whole campaign or by one cell.

    Attributes:
        owner: whose it is, for messages.
        cap_usd: how much there is; unset means no limit.
        spent_usd: what has been spent.
        reserved_usd: what calls under way may still spend.
    """

    def __init__(self, cap_usd: Decimal | None, owner: str = "cell") -> None:
        self.owner = owner
        self.cap_usd = cap_usd
        self.spent_usd = Decimal(0)
        self.reserved_usd = Decimal(0)

    def charge(self, amount: Decimal) -> None:
        """Count money that was spent earlier, such as before a resume."""
        self.spent_usd += amount

    def fits(self, amount: Decimal) -> bool:
        """Whether the amount is there now, whatever calls under way will cost."""
        return self.cap_usd is None or self.spent_usd + self.reserved_usd + amount <= self.cap_usd

    def can_ever_fit(self, amount: Decimal) -> bool:
        """Whether the amount could be there once calls under way have settled."""
        return self.cap_usd is None or self.spent_usd + amount <= self.cap_usd


class Hold:
    """Money set aside for one call."""

    def __init__(self) -> None:
        self.cost_usd = Decimal(0)

    def settle(self, cost: Decimal | None) -> None:
        """Say what the call really cost; unknown counts as nothing."""
        self.cost_usd = cost or Decimal(0)


class Till:
    """Sets money aside in several wallets at once, and waits while calls under way hold it."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def hold(self, amount: Decimal, wallets: tuple[Wallet, ...]) -> AsyncIterator[Hold]:
        """Money for one call, given back on leaving but for what the call cost.

        Raises:
            BudgetExceeded: it does not fit, even if the calls under way should cost nothing.
        """
        async with self._changed:
            while not all(wallet.fits(amount) for wallet in wallets):
                for wallet in wallets:
                    if not wallet.can_ever_fit(amount):
                        raise BudgetExceeded(
                            f"budget: the call may cost ${amount:.4f}, but of the {wallet.owner}'s "
                            f"${wallet.cap_usd:.2f} it has spent ${wallet.spent_usd:.4f}"
                        )
                await self._changed.wait()
            for wallet in wallets:
                wallet.reserved_usd += amount
        hold = Hold()
        try:
            yield hold
        finally:
            for wallet in wallets:
                wallet.reserved_usd -= amount
                wallet.spent_usd += hold.cost_usd
            async with self._changed:
                self._changed.notify_all()
