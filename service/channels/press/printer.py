"""
A printer of our own, or a queue of CUPS, by IPP (RFC 8011).

A job is named by the attempt, so that a lost answer is asked for among the printer's jobs. "Completed" means that the
sheets are out: printed, not posted. Who posts them tells so by the door for outcomes.
"""

from base64 import b64encode
from urllib.parse import urlsplit

from service.channels.adapter import Adapter, Site
from service.channels.answers import judge, not_taken, unsure
from service.channels.letters import set_letter
from service.channels.wire import Answer, Fault, Wire, WireRequest
from service.core.errors import Invalid, NotFound, Unavailable
from service.core.model import MINUTE, Channel
from service.flows.ports import Asked, Dispatch, SendResult, Told
from service.flows.providers import Callback, ProviderKind, Trust

from .ipp import MEDIA_TYPE, Attribute, Operation, Reply, Tag, Value, read, write
from .jobs import ENDS, number, read_answer, stands, told
from .printer_account import Params
from .rounds import Rounds
from .tracking import pieces, read_tracking

JOBS_MAX = 500
ANSWER_BYTES_MAX = 1024 * 1024

REMEMBERED_FOR = 10 * MINUTE
"""A printer forgets its finished jobs sooner or later; after this, not to find one says nothing."""

# CUPS lets go of a job within seconds, and tells its name afterwards only if it is asked for something that it has to
# read in again: the priority is.
_LISTED = ("job-id", "job-name", "job-state", "time-at-completed", "job-priority")

KIND = ProviderKind("ipp", frozenset({Channel.letter}), Params, trust=Trust.session)
"""Its trust is a session's: nothing comes by HTTP. Yet nobody keeps it, and any process sends by it."""


class Printer(Adapter):
    def __init__(self, site: Site) -> None:
        self._params: Params = site.account.params
        self._site = site
        parts = urlsplit(self._params.url)
        self._path = parts.path or "/"
        self._uri = f"{'ipps' if parts.scheme == 'https' else 'ipp'}://{parts.netloc}{self._path}"
        self._wire = Wire(f"{parts.scheme}://{parts.netloc}", site.send_timeout_s, answer_bytes_max=ANSWER_BYTES_MAX)
        self._rounds = Rounds(site.account.name, site.own, self.look, self._params.look_every_s)
        self._told: frozenset[Value] = frozenset()

    async def start(self) -> None:
        self._rounds.start()

    async def send(self, dispatch: Dispatch) -> SendResult:
        pdf = await set_letter(self._site.typeset, dispatch, self._params.envelope)
        if isinstance(pdf, SendResult):
            return pdf
        reply = await self._call(build(self._uri, self._params, dispatch.attempt, pdf))
        return reply if isinstance(reply, SendResult) else read_answer(reply)

    async def ask(self, asked: Asked) -> SendResult | None:
        """
        Look among the printer's jobs: those it has yet, then those it is done with, for one may end in between.

        One that keeps the names of jobs to itself cannot tell of a job whose number we do not know.
        """
        nameless = False
        for which in ("not-completed", "completed"):
            reply = await self._call(self._list(which))
            if isinstance(reply, SendResult) or not reply.ok:
                return None
            for job in reply.jobs:
                if job.get("job-name") == asked.attempt or number(job) == (asked.provider_ref or ""):
                    return stands(job)
                nameless = nameless or "job-name" not in job
        fresh = self._site.clock() - asked.at < REMEMBERED_FOR and asked.provider_ref is None
        return not_taken("never_taken") if fresh and not nameless else None

    async def look(self) -> None:
        """Tell of the jobs that have ended since the last look."""
        reply = await self._call(self._list("completed"))
        if isinstance(reply, SendResult) or not reply.ok:
            raise Unavailable("the printer does not tell of its jobs")
        ended = {job["job-id"]: job for job in reply.jobs if "job-id" in job and job.get("job-state") in ENDS}
        lines = [told(job, self._site.clock()) for name, job in ended.items() if name not in self._told]
        for piece in pieces(b"\n".join(lines), is_csv=False):
            await self._site.hear(piece)
        self._told = frozenset(ended)

    def check(self, callback: Callback) -> None:
        raise NotFound("a printer is asked, and calls nobody")

    def read(self, callback: Callback) -> Told:
        return Told(receipts=read_tracking(self._site.account.name, callback.body))

    async def close(self) -> None:
        await self._rounds.close()
        await self._wire.close()

    def _list(self, which: str) -> bytes:
        wanted = (
            _user(self._params),
            Attribute(Tag.integer, "limit", (JOBS_MAX,)),
            Attribute(Tag.keyword, "requested-attributes", _LISTED),
            Attribute(Tag.keyword, "which-jobs", (which,)),
            Attribute(Tag.boolean, "my-jobs", (True,)),
        )
        return write(Operation.get_jobs, self._uri, wanted)

    async def _call(self, body: bytes) -> Reply | SendResult:
        """Give what the printer answers in IPP, or what it means that it does not."""
        headers = [("content-type", MEDIA_TYPE), ("accept", MEDIA_TYPE)]
        if self._params.password is not None:
            proof = b64encode(self._params.user.encode() + b":" + self._params.password).decode()
            headers.append(("authorization", f"Basic {proof}"))
        answer = await self._wire.call(WireRequest("POST", self._path, body, tuple(headers)))
        return _ipp(answer)


def build(uri: str, params: Params, attempt: str, pdf: bytes) -> bytes:
    """Write the job and the letter; a queue that cannot print as asked prints as it can."""
    attributes = [
        _user(params),
        Attribute(Tag.plain_name, "job-name", (attempt,)),
        Attribute(Tag.boolean, "ipp-attribute-fidelity", (False,)),
        Attribute(Tag.media_type, "document-format", ("application/pdf",)),
    ]
    sides = "two-sided-long-edge" if params.two_sided else "one-sided"
    how = (Attribute(Tag.keyword, "sides", (sides,)),)
    return write(Operation.print_job, uri, attributes, job=how, document=pdf)


def _ipp(answer: Answer | Fault) -> Reply | SendResult:
    if isinstance(answer, Fault) or answer.status != 200 or answer.content_type != MEDIA_TYPE:
        return judge(answer, lambda status, told: None)
    try:
        return read(answer.body)
    except Invalid:
        return unsure("unreadable")


def _user(params: Params) -> Attribute:
    return Attribute(Tag.plain_name, "requesting-user-name", (params.user,))
