"""What-ifs are judged like requests, on the facts that are stored or on those that are given."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from service.core.civil import format_instant, parse_instant
from service.core.errors import Gone, Invalid, NotFound
from service.core.facts import Contact, Hold, VisitPlan
from service.core.model import (
    MINUTE,
    ActorRole,
    Channel,
    Direction,
    Effect,
    Execution,
    HoldKind,
    Instant,
    Outcome,
    PartyRole,
    Purpose,
)
from service.core.request import Party
from service.flows.budget import Budget, budget
from service.flows.given import Given
from service.flows.holds import place_hold
from service.flows.interactions import Interaction, record_interactions
from service.flows.parties import Profile, set_party
from service.flows.what_if import Question, Supposed, record_asked, what_if

from .world import AGENCY, BANK, World, permit_call, request

NINE = parse_instant("2026-11-23T09:00:00+08:00")


def question(**changes: Any) -> Question:
    """Would the debtor of the contract's example be called now, and nothing more is said."""
    asked = replace(request(), reference="", body_mark="", template="", variables={}, address=None)
    asked = replace(asked, channel=Channel.call, recording_available=True, **changes.pop("request", {}))
    return Question(request=asked, **changes)


def conversation(at: Instant) -> Contact:
    return Contact(
        at=at,
        channel=Channel.call,
        direction=Direction.outbound,
        outcome=Outcome.conversation_right_party,
        duration_s=90,
        party="P-10086",
        party_role=PartyRole.debtor,
        account="LN-7788",
    )


async def ask(world: World, asked: Question) -> Supposed:
    return await world.store.read(lambda tx: what_if(world.kit, tx, BANK, asked))


def reason_of(supposed: Supposed) -> str:
    return supposed.decision.reason


async def test_stored_facts_answer_as_they_would_a_request(world: World) -> None:
    hold = Hold(HoldKind.dispute, NINE, account="LN-7788")
    assert (await ask(world, question())).decision.effect is Effect.allow

    await world.store.write(lambda tx: place_hold(world.kit, tx, BANK, hold))

    assert (await ask(world, question())).decision.effect is Effect.deny


async def test_given_facts_stand_for_what_is_stored(world: World) -> None:
    hold = Hold(HoldKind.dispute, NINE, account="LN-7788")
    await world.store.write(lambda tx: place_hold(world.kit, tx, BANK, hold))

    assert (await ask(world, question(given=Given()))).decision.effect is Effect.allow
    assert (await ask(world, question(given=Given(holds=(hold,))))).decision.effect is Effect.deny


async def test_a_day_full_of_given_calls_defers_to_the_next(world: World) -> None:
    history = tuple(conversation(Instant(NINE + n * MINUTE)) for n in range(3))

    answer = await ask(world, question(given=Given(history=history), packs=("cn-collection",)))

    assert answer.decision.effect is Effect.defer
    assert answer.decision.not_before is not None
    assert format_instant(answer.decision.not_before, "Asia/Shanghai") == "2026-11-24T08:00:00+08:00"


async def test_packs_that_are_named_are_all_that_is_judged(world: World) -> None:
    at = parse_instant("2026-11-23T21:30:00+08:00")

    law = await ask(world, question(at=at, packs=("cn-collection",), given=Given()))
    both = await ask(world, question(at=at, packs=("cn-collection", "house"), given=Given()))

    assert (law.decision.effect, both.decision.effect) == (Effect.allow, Effect.defer)
    assert {verdict.rule.partition("/")[0] for verdict in law.decision.verdicts} == {"cn-collection"}


async def test_an_unknown_pack_is_refused_by_its_place(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        await ask(world, question(packs=("house", "atlantis")))

    assert refused.value.field == "packs.1"


async def test_the_actor_role_asked_for_is_the_one_that_is_judged(world: World) -> None:
    own = await ask(world, question(given=Given()))
    agency = await ask(world, question(given=Given(), actor_role=ActorRole.agency))

    assert own.decision.effect is Effect.allow
    assert (agency.decision.effect, reason_of(agency)) == (Effect.deny, "outsourcing_notice_missing")


async def test_a_ready_text_is_read_and_a_template_is_rendered(world: World) -> None:
    bare = await ask(world, question(given=Given()))
    threat = await ask(world, question(given=Given(), text="不还钱就把你的照片发给所有人，曝光你"))
    rendered = await ask(world, Question(request=request()))

    assert "no_text" in {row.because for row in bare.decision.not_applied}
    assert threat.facts.subject.text is not None and threat.decision.effect is Effect.deny
    assert rendered.facts.subject.text is not None and "1,234.56" in rendered.facts.subject.text


async def test_a_text_beside_a_template_is_refused(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        await ask(world, Question(request=request(), text="您好"))

    assert refused.value.field == "request.text"


async def test_the_debtor_is_the_one_that_the_given_history_shows(world: World) -> None:
    person = Party(id="P-9", role=PartyRole.contact_person, jurisdictions=("CN",))
    asked = {"party": person, "purpose": Purpose.relay}
    tried = tuple(
        conversation(parse_instant(f"2026-11-{day}T09:00:00+08:00"))._replace(
            outcome=Outcome.ring_no_answer, duration_s=None
        )
        for day in (20, 21, 22)
    )

    shut = await ask(world, question(request=asked, given=Given(), packs=("cn-collection",)))
    open_ = await ask(world, question(request=asked, given=Given(history=tried), packs=("cn-collection",)))

    assert (shut.facts.debtor, open_.facts.debtor) == (None, "P-10086")
    assert (shut.decision.effect, open_.decision.effect) == (Effect.deny, Effect.allow)


async def test_a_given_visit_and_recording_stand_for_those_of_the_request(world: World) -> None:
    said = {"channel": Channel.visit, "execution": Execution.permit, "dialing": None, "recording_available": None}
    visit = Question(request=replace(question().request, **said), packs=("cn-collection",), given=Given())
    planned = Given(visit=VisitPlan(2, ids_shown=True, av_recording=True))

    without = await ask(world, visit)
    with_plan = await ask(world, replace(visit, given=planned))
    call = await ask(world, question(given=Given(recording_available=False)))

    assert (without.decision.effect, with_plan.decision.effect) == (Effect.deny, Effect.allow)
    assert call.facts.subject.recording_available is False


async def test_a_question_about_the_past_does_not_see_what_came_after_it(world: World) -> None:
    calls = [Interaction(conversation(Instant(NINE + n * MINUTE))) for n in range(3)]
    await world.store.write(lambda tx: record_interactions(world.kit, tx, BANK, calls))

    before = await ask(world, question(at=Instant(NINE - 10 * MINUTE)))
    between = await ask(world, question(at=Instant(NINE + MINUTE)))

    assert (Effect.allow, Effect.allow) == (before.decision.effect, between.decision.effect)
    assert (await ask(world, question())).decision.effect is Effect.defer


async def test_only_that_it_was_asked_is_stored(world: World) -> None:
    asked = question(text="张三，您好")
    before = {table: len(await world.rows(table)) for table in ("requests", "parties", "accounts", "reservations")}

    answer = await ask(world, asked)
    await world.store.write(lambda tx: record_asked(world.kit, tx, BANK, asked, answer))

    assert before == {table: len(await world.rows(table)) for table in before}
    entry = await world.row("entries", kind="decision.asked")
    assert (entry["client"], entry["party"], entry["account"], entry["effect"]) == ("bank", None, "LN-7788", "deny")
    body = orjson.loads(entry["body"])
    assert (body["facts"], body["packs"]) == ("stored", None)
    assert body["decision"]["facts_sha256"] == answer.decision.facts_sha256
    assert "张三" not in entry["body"].decode()


async def test_an_erased_party_has_no_stored_facts_to_ask_about(world: World) -> None:
    await world.one(request())
    erased = {"key_wrapped": None, "erased_at": world.clock.now}
    await world.store.write(lambda tx: tx.change("parties", {"id": "P-10086"}, erased))

    with pytest.raises(Gone):
        await ask(world, question())
    assert (await ask(world, question(given=Given()))).decision.effect is Effect.allow


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"at": parse_instant("2400-01-01T00:00:00Z")}, "at"),
        ({"at": parse_instant("0001-01-02T00:00:00Z")}, "at"),
        ({"request": {"expires_at": NINE}}, "expires_at"),
        ({"request": {"send_after": parse_instant("9999-12-31T00:00:00Z")}}, "send_after"),
        ({"request": {"execution": Execution.permit, "channel": Channel.call, "visit": VisitPlan()}}, "visit"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_by_field(
    world: World, changes: dict[str, Any], field: str
) -> None:
    base = question(at=changes.get("at"))
    asked = replace(base, request=replace(base.request, **changes.get("request", {})))

    with pytest.raises(Invalid) as refused:
        await ask(world, asked)

    assert refused.value.field == field


async def left(world: World, client: Any = BANK, account: str | None = "LN-7788") -> Budget:
    return await world.store.read(lambda tx: budget(world.kit, tx, client, "P-10086", account, Purpose.collection))


def places(found: Budget, channel: Channel, rule: str) -> int | None:
    verdicts = {verdict.rule: verdict.remaining for verdict in found.decisions[channel].verdicts}
    return verdicts[rule]


async def test_the_budget_counts_down_with_every_place_taken(world: World) -> None:
    await world.one(request("a"))
    first = await left(world)
    await world.one(request("b"))
    second = await left(world)

    assert [places(found, Channel.sms, "house/sms-per-day") for found in (first, second)] == [1, 0]
    assert second.decisions[Channel.sms].effect is Effect.defer
    assert second.decisions[Channel.sms].not_before == parse_instant("2026-11-24T08:00:00+08:00")
    assert second.decisions[Channel.call].effect is Effect.allow


@pytest.mark.parametrize("told_first", [True, False])
async def test_the_budget_finds_zone_and_law_where_the_latest_request_did(world: World, told_first: bool) -> None:
    if told_first:
        await world.store.write(lambda tx: set_party(world.kit, tx, BANK, "P-10086", Profile()))
    await world.one(request(party=replace(request().party, jurisdictions=(), time_zones=())))

    found = await left(world)

    assert {Channel.call: "", Channel.sms: ""} == {
        channel: found.decisions[channel].reason for channel in (Channel.call, Channel.sms)
    }
    assert found.decisions[Channel.call].zones == ("Asia/Shanghai",)


async def test_the_budget_is_the_callers_own(world: World) -> None:
    await world.one(request())

    bank, agency = await left(world), await left(world, AGENCY)

    assert bank.decisions[Channel.call].effect is Effect.allow
    assert agency.decisions[Channel.call].reason == "outsourcing_notice_missing"


async def test_the_budget_without_an_account_takes_the_role_that_is_known(world: World) -> None:
    guarantor = replace(request().party, role=PartyRole.guarantor)
    await world.one(request(party=guarantor))

    assert (await left(world, account=None)).role is PartyRole.guarantor
    assert (await left(world)).role is PartyRole.guarantor


async def test_rules_that_need_an_address_stand_beside_the_budget(world: World) -> None:
    await world.one(permit_call())

    not_applied = dict((await left(world)).decisions[Channel.call].not_applied)

    assert not_applied["cn-collection/unanswered-calls-per-day"] == "no_address"


async def test_there_is_no_budget_for_whom_nobody_knows(world: World) -> None:
    with pytest.raises(NotFound):
        await left(world)
    await world.one(request())
    with pytest.raises(NotFound):
        await left(world, account="LN-0")
