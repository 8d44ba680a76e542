"""The one retry policy: which failed tries are repeated, how often, and after how long."""

from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_base, wait_exponential_jitter

from heurigym.models.errors import CallFailed


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how patiently a call is tried.

    Attributes:
        max_tries: tries in all, the first one included.
        backoff_s: first wait; it doubles with each failure, and up to as much again is added at random.
        max_backoff_s: the longest wait of our own.
        max_retry_after_s: the longest wait that a provider's Retry-After is granted.
    """

    max_tries: int = 6
    backoff_s: float = 1.0
    max_backoff_s: float = 60.0
    max_retry_after_s: float = 120.0

    def retrying(self) -> AsyncRetrying:
        """A fresh run of the policy; the last failure is raised as it is."""
        return AsyncRetrying(
            stop=stop_after_attempt(self.max_tries),
            wait=_Wait(self),
            retry=retry_if_exception(_is_transient),
            reraise=True,
        )


class _Wait(wait_base):
    def __init__(self, policy: RetryPolicy) -> None:
        self._backoff = wait_exponential_jitter(policy.backoff_s, policy.max_backoff_s, jitter=policy.backoff_s)
        self._longest = policy.max_retry_after_s

    def __call__(self, retry_state: RetryCallState) -> float:
        backoff = self._backoff(retry_state)
        error = retry_state.outcome.exception() if retry_state.outcome is not None else None
        if isinstance(error, CallFailed) and error.retry_after_s is not None:
            # Never earlier than asked; the jitter keeps callers that were told the same moment apart.
            return min(error.retry_after_s, self._longest) + min(backoff, 0.1 * error.retry_after_s + 0.1)
        return backoff


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, CallFailed) and not error.permanent
