"""
A print-and-mail house that takes letters by HTTP, whichever it is: the few things that differ are parameters.

A letter goes out as JSON with the PDF in base64, or as a form with the PDF as a file; its attempt is the reference and
the idempotency key, so that the same letter twice is one. A lost answer is asked for by the reference. What became of
letters comes in callbacks signed as the simulator signs its own (`signature`), in the words of `tracking`, or in the
house's own where the account says what they mean.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import orjson

from service.channels.adapter import Adapter, Site
from service.channels.answers import Reader, accepted, json_object, judge, not_taken
from service.channels.letters import set_letter
from service.channels.signature import check
from service.channels.signed import Event, read_events
from service.channels.spool import pages
from service.channels.wire import Answer, Wire, WireRequest
from service.core.errors import NotFound
from service.core.model import Channel, Fate, LetterService, Outcome
from service.flows.ports import Asked, Dispatch, Receipt, SendResult, Told
from service.flows.providers import Callback, ProviderKind

from .print_http_account import Form, Params
from .tracking import receipt_of

_REF_MAX = 100

KIND = ProviderKind("print_http", frozenset({Channel.letter}), Params)


class PrintHttp(Adapter):
    def __init__(self, site: Site) -> None:
        self._params: Params = site.account.params
        self._site = site
        self._wire = Wire(self._params.url, site.send_timeout_s)

    async def send(self, dispatch: Dispatch) -> SendResult:
        pdf = await set_letter(self._site.typeset, dispatch, self._params.envelope)
        if isinstance(pdf, SendResult):
            return pdf
        return judge(await self._wire.call(build(self._params, dispatch, pdf)), reader(self._params))

    async def ask(self, asked: Asked) -> SendResult | None:
        """Ask by the reference; a house that says in JSON that there is none never took it."""
        path = self._params.status_path.replace("{reference}", asked.attempt)
        answer = await self._wire.call(WireRequest("GET", path, headers=(_proof(self._params),)))
        if not isinstance(answer, Answer) or (told := json_object(answer)) is None:
            return None
        if answer.status == 404:
            return not_taken("never_taken")
        return reader(self._params)(answer.status, told)

    def check(self, callback: Callback) -> None:
        if self._params.secret is None:
            raise NotFound("this print house tells nothing")
        check(self._params.secret, callback.headers, callback.body, self._site.clock(), self._site.fresh_s)

    def read(self, callback: Callback) -> Told:
        return read_receipt(self._site.account.name, self._params, callback.body)

    async def close(self) -> None:
        await self._wire.close()


def build(params: Params, dispatch: Dispatch, pdf: bytes) -> WireRequest:
    """Write the letter in the house's form; to whom it goes stands in its window, and nowhere else."""
    said = {
        params.reference_field: dispatch.attempt,
        "service": dispatch.letter_service or LetterService.ordinary,
        "pages": pages(pdf),
        "sha256": hashlib.sha256(pdf).hexdigest(),
    }
    if params.form is Form.json:
        kind, body = "application/json", orjson.dumps({**said, params.file_field: b64encode(pdf).decode()})
    else:
        kind, body = _multipart(said, params.file_field, f"{dispatch.attempt}.pdf", pdf)
    headers = (("content-type", kind), ("idempotency-key", dispatch.attempt), _proof(params))
    return WireRequest("POST", params.path, body, headers)


def reader(params: Params) -> Reader:
    """Give the table of answers: a letter that has an id with the house was taken, whatever became of it."""

    def read(status: int, told: Mapping[str, Any]) -> SendResult | None:
        ref = told.get(params.id_field)
        if isinstance(ref, int) and not isinstance(ref, bool):
            ref = str(ref)
        if not 200 <= status < 300 or not isinstance(ref, str) or not 0 < len(ref) <= _REF_MAX:
            return None
        outcome = params.outcomes.get(str(told.get("status")), Outcome.sent)
        if outcome is Outcome.failed:
            return SendResult(Fate.permanent, Outcome.failed, ref, detail="not_printed")
        return accepted(ref, outcome=outcome, awaits=outcome is Outcome.sent and params.secret is not None)

    return read


def read_receipt(provider: str, params: Params, raw: bytes) -> Told:
    """Read a signed callback: what became of letters, each found by our reference or else by the house's id."""
    read = read_events(raw, lambda event: _receipt(provider, params, event))
    return Told(read.good, left=read.left)


def _receipt(provider: str, params: Params, event: Event) -> Receipt:
    # A house that counts its letters says a number here, as in its answers.
    ref = event.word_or_none(params.id_field)
    said = {name: event.text_or_none(name) for name in ("status", "at", "event")}
    said["letter"] = event.text_or_none(params.reference_field)
    said["tracking"] = event.text_or_none("tracking") or ref
    return receipt_of(provider, Event(event.path, said), params.outcomes)._replace(provider_ref=ref)


def _proof(params: Params) -> tuple[str, str]:
    return "authorization", f"Bearer {params.token.decode()}"


def _multipart(said: Mapping[str, Any], field: str, name: str, pdf: bytes) -> tuple[str, bytes]:
    """Write a form; the boundary is made of what it must not occur in, so that the same letter is the same bytes."""
    boundary = hashlib.sha256(pdf).hexdigest()
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in said.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
    parts.append(head.encode() + b"Content-Type: application/pdf\r\n\r\n" + pdf + b"\r\n")
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()
