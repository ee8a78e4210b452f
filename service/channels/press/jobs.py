"""What a printer says of its jobs, and what that means for the letters: handed over, printed, failed. Pure."""

from collections.abc import Mapping

import orjson

from service.channels.answers import accepted, meant, unmapped, unsure
from service.core.civil import format_instant
from service.core.model import SECOND, Fate, Instant, Outcome
from service.flows.ports import SendResult

from .ipp import JobState, Reply, Value
from .ipp_codes import FATES

ENDS: Mapping[int, str] = {JobState.completed: "printed", JobState.canceled: "failed", JobState.aborted: "failed"}


def read_answer(reply: Reply) -> SendResult:
    """What the printer said to a job that was handed to it."""
    if reply.ok:
        return stands(reply.jobs[0]) if reply.jobs else unsure("no_job")
    if reply.status in FATES:
        word, fate = FATES[reply.status]
        return meant(fate, word)
    return unmapped(f"ipp_{reply.status:04x}")


def told(job: Mapping[str, Value], now: Instant) -> bytes:
    """Put the end of a job down as a step of its letter, which is found by its name or else by the job's number."""
    ended = job.get("time-at-completed")
    at = Instant(ended * SECOND) if isinstance(ended, int) and ended > 0 else now
    known = {"letter": job["job-name"]} if "job-name" in job else {"tracking": number(job)}
    return orjson.dumps({**known, "status": ENDS[int(job["job-state"])], "at": format_instant(at)})


def number(job: Mapping[str, Value]) -> str:
    """The printer's own number of a job, by which it is found where its name is not told."""
    return str(job.get("job-id", "none"))


def stands(job: Mapping[str, Value]) -> SendResult:
    """How a job stands, as what came of handing it over."""
    ref, state = job.get("job-id"), job.get("job-state")
    if state in (JobState.canceled, JobState.aborted):
        return SendResult(Fate.permanent, Outcome.failed, str(ref), detail=f"job_{JobState(int(state)).name}")
    return accepted(str(ref)) if ref is not None else unsure("no_job")
