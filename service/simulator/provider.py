"""
The simulated provider: what it took, whom it contacted, and what it will tell of it.

It keeps its own count of contacts, so that a test can hold it against the gateway's word. The same
attempt id is one contact, however often it comes and even after a restart, if a journal was given.
"""

from collections import deque
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from service.simulator.magic import LATE_S, Behaviour, Manner, Told
from service.simulator.message import Malformed, SimulatedMessage, read_message
from service.simulator.moods import Moods
from service.simulator.schedule import Schedule

MESSAGES_MAX = 50_000
"""The newest messages that are remembered; a gateway never tries one again after so many others."""

_DURATIONS_S = {"answered": (25, 185), "third_party": (8, 20), "wrong_number": (5, 15), "hung_up": (1, 4)}

Clock = Callable[[], int]


class Reply(NamedTuple):
    """The answer to the HTTP call, and in which manner it is given."""

    status: int
    body: dict[str, Any]
    manner: Manner = Manner.plain


class Contact(NamedTuple):
    """A person was reached for, once."""

    attempt: str
    request: str
    channel: str
    to: str
    at_us: int


class _Kept:
    """A message that was taken: what is known of it now, and how often it was posted."""

    __slots__ = ("digest", "posts", "ref", "status")

    def __init__(self, digest: bytes, ref: str) -> None:
        self.digest = digest
        self.ref = ref
        self.status = "accepted"
        self.posts = 1


class Provider:
    """
    `clock` is the gateway's, if both live in one process; otherwise the messages tell the time.

    `longest_s` bounds how long anything is waited for; None leaves time to `advance`.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        longest_s: float | None = 5.0,
        journal: Path | None = None,
        moods: Moods | None = None,
    ) -> None:
        self.moods = moods or Moods()
        self.schedule = Schedule(longest_s)
        self.contacts: deque[Contact] = deque(maxlen=MESSAGES_MAX)
        self.contacts_made = 0
        self._clock = clock
        self._learned: tuple[int, float] | None = None
        self._messages: dict[str, _Kept] = {}
        self._failed_once: set[str] = set()
        self._journal = journal
        if journal is not None and journal.exists():
            self._remember(journal.read_bytes())

    def now_us(self) -> int:
        """The gateway's time, as far as it is known: 0 before the first message."""
        if self._clock is not None:
            return self._clock()
        if self._learned is None:
            return 0
        at_us, seen_s = self._learned
        return at_us if self.schedule.by_hand else at_us + int((self.schedule.now_s() - seen_s) * 1_000_000)

    def take(self, raw: bytes) -> Reply:
        """Take a message, refuse it or lose it, as its recipient, the mood or chance will have it."""
        try:
            message = read_message(raw)
        except Malformed as error:
            return _refusal(422, "malformed", field=str(error))
        self._learned = (message.at_us, self.schedule.now_s())
        digest = sha256(raw).digest()
        if (kept := self._messages.get(message.id)) is not None:
            kept.posts += 1
            if kept.digest != digest:
                return _refusal(409, "id_reused")
            return Reply(200, {"id": message.id, "ref": kept.ref, "status": "accepted", "replayed": True})
        behaviour = self.moods.choose(message.id, message.to, message.name, message.first_line)
        if not message.is_letter and (reply := self._not_taken(message, behaviour)) is not None:
            return reply
        return self._taken(message, behaviour, digest)

    def look_up(self, attempt: str) -> Reply:
        """Tell what is known of a message; one that was never taken is unknown, for certain."""
        kept = self._messages.get(attempt)
        if kept is None:
            return Reply(404, {"code": "unknown_message"})
        return Reply(200, {"id": attempt, "ref": kept.ref, "status": kept.status, "posts": kept.posts})

    def told(self, path: str, event: dict[str, Any]) -> None:
        """Note that the gateway took an event, so that whoever asks hears the same."""
        kept = self._messages.get(event.get("id") or "")
        if path == "receipts" and kept is not None:
            kept.status = event["status"]

    def say(self, event: dict[str, Any]) -> None:
        """Let a person write or call of their own accord, now."""
        self.schedule.plan(0, "inbound", event)

    def _not_taken(self, message: SimulatedMessage, behaviour: Behaviour) -> Reply | None:
        if behaviour.refused_once:
            if message.request in self._failed_once:
                return None
            self._failed_once.add(message.request)
        if behaviour.refusal is not None:
            return _refusal(behaviour.refused_as, behaviour.refusal)
        if not behaviour.taken:
            return Reply(500, {}, behaviour.manner)
        return None

    def _taken(self, message: SimulatedMessage, behaviour: Behaviour, digest: bytes) -> Reply:
        ref = self._keep(message.id, digest)
        if behaviour.refusal is None or behaviour.refused_once:
            self._contact(message, digest)
        self._plan(message, behaviour, ref)
        manner = Manner.plain if message.is_letter else behaviour.manner
        return Reply(202, {"id": message.id, "ref": ref, "status": "accepted"}, manner)

    def _contact(self, message: SimulatedMessage, digest: bytes) -> None:
        contact = Contact(message.id, message.request, message.channel, message.to, message.at_us)
        self._count(contact)
        if self._journal is not None:
            with self._journal.open("ab") as file:
                file.write(orjson.dumps({**contact._asdict(), "digest": digest.hex()}) + b"\n")

    def _plan(self, message: SimulatedMessage, behaviour: Behaviour, ref: str) -> None:
        receipts = _receipts(message, behaviour)
        for n, told in enumerate(receipts):
            duration_s = _duration(message.id, told.status)
            after_s = told.after_s + (duration_s or 0)
            told_s = LATE_S[message.channel] if behaviour.late else max(told.told_s or 0, after_s)
            event = {
                "event": f"{ref}-{n}",
                "id": message.id,
                "ref": ref,
                "status": told.status,
                "at_us": message.at_us + (after_s + behaviour.skew_s) * 1_000_000,
                "duration_s": duration_s,
            }
            for again in range(2 if behaviour.twice else 1):
                self.schedule.plan(told_s + again, "receipts", event)
        if behaviour.reply is not None and message.is_text:
            self._plan_reply(message, behaviour.reply, receipts[-1].after_s + 3, f"{ref}-reply")

    def _plan_reply(self, message: SimulatedMessage, text: str, after_s: int, name: str) -> None:
        event = {
            "event": name,
            "id": message.id,
            "channel": message.channel,
            "from": {"kind": message.kind, "value": message.to},
            "text": text,
            "at_us": message.at_us + after_s * 1_000_000,
        }
        self.schedule.plan(after_s, "inbound", event)

    def _remember(self, journal: bytes) -> None:
        for line in journal[: journal.rfind(b"\n") + 1].splitlines():
            told = orjson.loads(line)
            digest = bytes.fromhex(told.pop("digest"))
            contact = Contact(**told)
            self._count(contact)
            self._keep(contact.attempt, digest)

    def _count(self, contact: Contact) -> None:
        self.contacts.append(contact)
        self.contacts_made += 1

    def _keep(self, attempt: str, digest: bytes) -> str:
        ref = "sim-" + sha256(attempt.encode()).hexdigest()[:20]
        self._messages[attempt] = _Kept(digest, ref)
        while len(self._messages) > MESSAGES_MAX:
            del self._messages[next(iter(self._messages))]
        return ref


def _receipts(message: SimulatedMessage, behaviour: Behaviour) -> tuple[Told, ...]:
    if message.is_letter:
        return behaviour.letters
    return behaviour.messages if message.is_text else behaviour.calls


def _duration(attempt: str, status: str) -> int | None:
    """Seconds that a call lasted, plausible and always the same for the same attempt; None if nobody answered."""
    if status not in _DURATIONS_S:
        return None
    least, most = _DURATIONS_S[status]
    return least + int.from_bytes(sha256(attempt.encode()).digest()[:4]) % (most - least + 1)


def _refusal(status: int, code: str, **more: str) -> Reply:
    return Reply(status, {"status": "refused", "code": code, **more})
