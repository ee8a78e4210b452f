"""
Broken promises. A refusal by policy is a Decision, never an exception.

    GatewayError
    ├── Invalid            the caller's input: names the field, never the value
    ├── Unauthenticated    nobody we know: no key, a wrong one, or a signature that is not theirs
    ├── NotFound           no such thing, or not the caller's
    ├── Conflict           it exists already, or has moved on
    ├── Gone               its personal data were erased
    ├── Unavailable        our failure: nothing was stored; try again later
    └── Misconfigured      the gateway must not start, or must not go on, like this

`code` is the last word of the problem type; status codes live in `web.problems` alone.
"""


class GatewayError(Exception):
    """Something the caller must hear of; `detail` carries no personal data."""

    code = "internal"

    def __init__(self, detail: str, *, code: str | None = None, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.retry_after_s = retry_after_s


class Invalid(GatewayError):
    """Input that cannot be taken; `field` is a dotted path such as `party.time_zones.0`."""

    code = "invalid"

    def __init__(self, field: str, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.field = field


class Unauthenticated(GatewayError):
    code = "unauthenticated"


class NotFound(GatewayError):
    code = "not-found"


class Conflict(GatewayError):
    """The thing stands otherwise than the caller thinks; `state` says how, where there is one."""

    code = "conflict"

    def __init__(self, detail: str, *, code: str | None = None, state: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.state = state


class Gone(GatewayError):
    code = "erased"


class Unavailable(GatewayError):
    code = "unavailable"


class Misconfigured(GatewayError):
    code = "misconfigured"
