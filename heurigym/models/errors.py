"""One table that says of every way a call can fail whether trying again can help.

The SDKs are not imported here: their exceptions are told apart by status, by the kind that the body names and by
class name, because a stream's errors come as three different classes with no status, status 200 or the transport's.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from heurigym.models.protocol import ModelError, Reply, Usage
from heurigym.models.providers import Secret

_MESSAGE_LENGTH = 500

_TRANSIENT_STATUS = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529, 598, 599})
_OVERLOADED_STATUS = frozenset({429, 503, 529})

_PERMANENT_KINDS = frozenset(
    {
        "authentication_error",
        "billing_error",
        "content_policy_violation",
        "invalid_api_key",
        "invalid_prompt",
        "invalid_request_error",
        "model_not_found",
        "not_found_error",
        "permission_error",
        "request_too_large",
    }
)
_OUT_OF_MONEY_KINDS = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_OVERLOADED_KINDS = frozenset({"rate_limit_error", "rate_limit_exceeded", "overloaded_error", "RESOURCE_EXHAUSTED"})

_TRANSIENT_CLASSES = frozenset(
    {
        "APIConnectionError",
        "APIError",
        "APIResponseValidationError",
        "APITimeoutError",
        "ClientPayloadError",
        "JSONDecodeError",
        "OSError",
        "RubbishReply",
        "StreamError",
        "TransportError",
        "UnicodeDecodeError",
        "UnknownApiResponseError",
    }
)
_PERMANENT_CLASSES = frozenset({"InvalidURL", "LocalProtocolError", "UnsupportedProtocol"})


class RubbishReply(Exception):
    """A body that is not what the protocol says: null, HTML, an object without its fields."""


class CallFailed(ModelError):
    """One try of a call that gave no reply.

    Attributes:
        status: HTTP status, where there was one.
        retry_after_s: how long the provider asks to wait.
        overloaded: whether it says that there are too many calls.
        usage: tokens that were counted before it failed.
        reply: the reply as far as it came, where the stream just ended.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        status: int | None = None,
        retry_after_s: float | None = None,
        overloaded: bool = False,
        usage: Usage | None = None,
        reply: Reply | None = None,
    ) -> None:
        super().__init__(message, permanent=permanent)
        self.status = status
        self.retry_after_s = retry_after_s
        self.overloaded = overloaded
        self.usage = usage
        self.reply = reply


def classify(error: Exception, secret: Secret) -> CallFailed:
    """What an SDK's or the transport's exception means; its message never holds the key."""
    status = _status(error)
    body = _body(error)
    kinds = {str(value) for key in ("type", "code", "status") if (value := body.get(key)) is not None}
    head = f"HTTP {status}" if status not in (None, 200) else type(error).__name__
    return CallFailed(
        secret.hide_in(f"{head}: {_one_line(_words(error, body))}"),
        permanent=_is_permanent(error, status, kinds),
        status=status,
        retry_after_s=_retry_after(error, body),
        overloaded=status in _OVERLOADED_STATUS or bool(kinds & _OVERLOADED_KINDS),
    )


def stream_failure(error: Mapping[str, Any]) -> CallFailed:
    """What an error that came inside a stream means: ``error`` names its kind as ``code`` or ``type``."""
    kinds = {str(value) for key in ("code", "type") if (value := error.get(key)) is not None}
    return CallFailed(
        f"{' '.join(sorted(kinds))}: {_one_line(str(error.get('message') or ''))}",
        permanent=bool(kinds & (_PERMANENT_KINDS | _OUT_OF_MONEY_KINDS)),
        overloaded=bool(kinds & _OVERLOADED_KINDS),
    )


def _is_permanent(error: Exception, status: int | None, kinds: set[str]) -> bool:
    if kinds & _OUT_OF_MONEY_KINDS:
        return True
    if status is not None and status != 200:
        return status not in _TRANSIENT_STATUS
    if kinds & _PERMANENT_KINDS:
        return True
    classes = {kind.__name__ for kind in type(error).__mro__}
    return bool(classes & _PERMANENT_CLASSES) or not classes & _TRANSIENT_CLASSES


def _status(error: Exception) -> int | None:
    for attribute in ("status_code", "code"):
        value = getattr(error, attribute, None)
        if isinstance(value, int) and 100 <= value < 600:
            return value
    return None


def _body(error: Exception) -> Mapping[str, Any]:
    for attribute in ("body", "details"):
        body = getattr(error, attribute, None)
        if isinstance(body, list) and body:
            body = body[0]
        if isinstance(body, Mapping):
            inner = body.get("error")
            return inner if isinstance(inner, Mapping) else body
    return {}


def _words(error: Exception, body: Mapping[str, Any]) -> str:
    words = body.get("message")
    if isinstance(words, str) and words:
        return words
    response = getattr(error, "response", None)
    if getattr(error, "status_code", None) is not None and getattr(response, "is_stream_consumed", False):
        # Of a body that is no JSON the SDKs say nothing, though it shows a wrong address.
        return str(getattr(response, "text", "")) or str(error)
    said = str(error)
    # "Connection error." alone tells nothing; what broke the connection does.
    return said if said not in ("", "Connection error.") else f"{said} {error.__cause__ or ''}".strip()


def _one_line(words: str) -> str:
    if re.search(r"<(!doctype|html|head|body)\b", words, re.IGNORECASE):
        words = "an HTML page: " + re.sub(r"<[^>]*>", " ", words)
    words = " ".join(words.split()) or "no details"
    return words if len(words) <= _MESSAGE_LENGTH else words[: _MESSAGE_LENGTH - 1] + "…"


def _retry_after(error: Exception, body: Mapping[str, Any]) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", None)
    if headers is not None:
        milliseconds = _number(headers.get("retry-after-ms"))
        if milliseconds is not None:
            return milliseconds / 1000
        value = headers.get("retry-after")
        if value is not None:
            seconds = _number(value)
            return seconds if seconds is not None else _seconds_until(value)
    details = body.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, Mapping) and str(detail.get("@type", "")).endswith("RetryInfo"):
            return _number(str(detail.get("retryDelay", "")).removesuffix("s"))
    return None


def _number(text: object) -> float | None:
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _seconds_until(date: str) -> float | None:
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())
