"""
How a verb runs: the settings, the house, and what is told in a line where something is wrong.

Imports stand inside, so that a short verb starts quickly.
"""

import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

from service.core.errors import GatewayError, Invalid
from service.settings import Settings, from_environment

if TYPE_CHECKING:
    from service.wiring import House

R = TypeVar("R")

COMMAND_LINE = "command-line"
"""The actor of what is done by a verb."""


def prepared() -> Settings:
    """Read the settings and set up the log."""
    from service.logs import configure_logs

    settings = told(from_environment)
    configure_logs(settings.log_level)
    return settings


def beside(deed: "Callable[[House], Coroutine[Any, Any, R]]") -> R:
    """Run a short deed on the store, beside a process that serves it, or alone."""
    from service.wiring import open_house

    settings = prepared()

    async def doing() -> R:
        async with open_house(settings, serving=False) as house:
            return await deed(house)

    return run(doing())


def run(deed: Coroutine[Any, Any, R]) -> R:
    import uvloop

    return told(lambda: uvloop.run(deed))


def told(deed: Callable[[], R]) -> R:
    """What is ours to say is said in a line; anything else is a fault and shows itself."""
    try:
        return deed()
    except Invalid as error:
        refuse(f"{error.field} {error.detail}")
    except GatewayError as error:
        refuse(error.detail)
    except OSError as error:
        # A folder that cannot be written, a server that does not answer: the system's words say which.
        refuse(str(error))


def refuse(why: str) -> NoReturn:
    sys.stderr.write(f"{why}\n")
    raise typer.Exit(2) from None
