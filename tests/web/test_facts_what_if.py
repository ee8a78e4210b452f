"""`POST /v1/decisions`, as the contract words it."""

from typing import Any

import pytest

from .front import Web, request_body

PATH = "/v1/decisions"
NUMBER = "+8613800138000"
DEBTOR = {"id": "P-10086", "role": "debtor", "jurisdictions": ["CN"], "time_zones": ["Asia/Shanghai"]}
NIGHT = "2026-11-23T22:00:00+08:00"


def asked(
    facts: dict[str, Any] | None = None, *, at: str = "2026-11-23T10:00:00+08:00", **request: Any
) -> dict[str, Any]:
    """A call to the debtor under the law alone, with all that is known given."""
    said = {"channel": "call", "purpose": "collection", "party": DEBTOR, "recording_available": True, **request}
    address = (
        {"address": {"value": NUMBER, "kind": "mobile", "provenance": "contract"}} if "address" not in said else {}
    )
    account = {"account": {"id": "LN-7788", "product": "credit_card"}}
    return {
        "request": {**address, **account, **said},
        "at": at,
        "packs": ["cn-collection"],
        "actor_role": "first_party",
        "facts": facts or {},
    }


def call(at: str, **changes: Any) -> dict[str, Any]:
    made = {
        "at": at,
        "channel": "call",
        "direction": "outbound",
        "outcome": "conversation_right_party",
        "duration_s": 90,
        "party_id": "P-10086",
        "party_role": "debtor",
        "account_id": "LN-7788",
        "address": NUMBER,
        "address_kind": "mobile",
        "purpose": "collection",
        "client": "agency-a",
    }
    return {**made, **changes}


async def decide(web: Web, body: dict[str, Any]) -> dict[str, Any]:
    answer = await web.post(PATH, body)
    assert answer.status_code == 200, answer.text
    decision: dict[str, Any] = answer.json()
    return decision


def reasons(decision: dict[str, Any]) -> set[str]:
    return {verdict["reason"] for verdict in decision["verdicts"] if verdict["effect"] in ("defer", "deny")}


async def test_the_answer_is_the_bare_decision_whatever_its_effect(web: Web) -> None:
    decision = await decide(web, asked(at=NIGHT))

    assert (decision["effect"], decision["not_before"]) == ("defer", "2026-11-24T08:00:00+08:00")
    assert decision["at"] == NIGHT
    assert set(decision) - {"simulated"} == {
        "effect",
        "at",
        "not_before",
        "verdicts",
        "zones",
        "book",
        "facts_sha256",
        "not_applied",
    }


async def test_if_blocked_does_not_change_the_effect(web: Web) -> None:
    assert (await decide(web, asked(at=NIGHT, if_blocked="refuse")))["effect"] == "defer"


FACTS: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("nothing known", {}, "allow", None),
    ("two calls", {"history": [call(f"2026-11-23T09:0{n}:00+08:00") for n in range(2)]}, "allow", None),
    ("three calls", {"history": [call(f"2026-11-23T09:0{n}:00+08:00") for n in range(3)]}, "defer", None),
    ("three later calls", {"history": [call(f"2026-11-23T11:0{n}:00+08:00") for n in range(3)]}, "allow", None),
    (
        "short calls",
        {"history": [call("2026-11-23T09:00:00+08:00", duration_s=3)] * 3},
        "defer",
        "cap_connected_notice_day",
    ),
    (
        "a wrong number",
        {"history": [call("2026-11-23T09:00:00+08:00", outcome="wrong_number")]},
        "deny",
        "wrong_number",
    ),
    (
        "a suppression",
        {
            "suppressions": [
                {"scope": "address", "value": NUMBER, "from": "2026-11-01T00:00:00Z", "reason": "wrong_number"}
            ]
        },
        "deny",
        "wrong_number",
    ),
    (
        "a hold",
        {"holds": [{"account_id": "LN-7788", "kind": "instalment_agreement", "from": "2026-11-01T00:00:00Z"}]},
        "deny",
        None,
    ),
    (
        "a hold to come",
        {"holds": [{"account_id": "LN-7788", "kind": "instalment_agreement", "from": "2026-12-01T00:00:00Z"}]},
        "allow",
        None,
    ),
    ("no recording", {"recording_available": False}, "deny", "recording_unavailable"),
]


@pytest.mark.parametrize(("facts", "effect", "reason"), [row[1:] for row in FACTS], ids=[row[0] for row in FACTS])
async def test_given_facts_decide(web: Web, facts: dict[str, Any], effect: str, reason: str | None) -> None:
    decision = await decide(web, asked(facts))

    assert decision["effect"] == effect
    assert reason is None or reason in reasons(decision)


async def test_short_calls_do_not_hold_up_a_person_who_dials(web: Web) -> None:
    short = {"history": [call("2026-11-23T09:00:00+08:00", duration_s=3)] * 3}

    decision = await decide(web, asked(short, dialing="manual"))

    assert decision["effect"] == "allow"


async def test_a_consent_to_the_night_opens_it_from_its_grant_on(web: Web) -> None:
    window = {"days": "mon-sun", "from": "22:00", "to": "23:00"}
    consent = {
        "party_id": "P-10086",
        "kind": "contact_time",
        "window": window,
        "granted_at": "2026-11-20T10:00:00+08:00",
    }

    granted = await decide(web, asked({"consents": [consent]}, at=NIGHT))
    withdrawn = await decide(web, asked({"consents": [{**consent, "withdrawn_at": "2026-11-22T10:00:00Z"}]}, at=NIGHT))

    assert (granted["effect"], withdrawn["effect"]) == ("allow", "defer")


async def test_a_pack_that_does_not_bind_says_so_and_does_not_object(web: Web) -> None:
    party = {**DEBTOR, "jurisdictions": ["HK"], "time_zones": ["Asia/Hong_Kong"]}

    decision = await decide(web, asked(party=party))

    assert (decision["effect"], decision["verdicts"]) == ("allow", [])
    assert decision["not_applied"] == [{"rule": "cn-collection/*", "because": "jurisdiction"}]


async def test_a_country_without_a_pack_is_refused_unless_packs_are_named(web: Web) -> None:
    party = {**DEBTOR, "jurisdictions": ["IS"], "time_zones": ["Atlantic/Reykjavik"]}
    body = asked(party=party)

    named = await decide(web, body)
    book = await decide(web, {name: value for name, value in body.items() if name != "packs"})

    assert (named["effect"], book["effect"]) == ("allow", "deny")
    assert "no_policy" in reasons(book)


async def test_where_no_zone_can_be_derived_nothing_goes_out(web: Web) -> None:
    decision = await decide(web, asked(party={"id": "P-1", "role": "debtor", "jurisdictions": ["US"]}, address=None))

    assert "no_zone" in reasons(decision)


async def test_an_appointment_that_expires_before_the_window_opens_is_denied_and_keeps_the_instant(web: Web) -> None:
    decision = await decide(web, asked(at=NIGHT, expires_at="2026-11-24T07:00:00+08:00"))

    assert (decision["effect"], decision["not_before"]) == ("deny", "2026-11-24T08:00:00+08:00")
    assert "expires_first" in reasons(decision)


async def test_without_template_and_text_content_rules_stand_aside(web: Web) -> None:
    bare = await decide(web, asked())
    said = await decide(web, asked(text="您好，这里是示例农村商业银行。"))

    assert {"rule": "cn-collection/forbidden-words", "because": "no_text"} in bare["not_applied"]
    assert "no_text" not in {row["because"] for row in said["not_applied"]}


async def test_a_template_is_rendered_and_its_faults_are_named_where_they_stand(web: Web) -> None:
    request = {name: value for name, value in request_body().items() if name != "reference"}

    good = await decide(web, {"request": request})
    bad = await web.post(PATH, {"request": {**request, "variables": {"amount_due": "many"}}})

    assert good["effect"] == "allow"
    assert bad.status_code == 422
    assert all(error["field"].startswith("request.variables") for error in bad.json()["errors"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**asked(), "packs": []}, "packs"),
        ({**asked(), "packs": ["atlantis"]}, "packs.0"),
        ({**asked(), "actor_role": "friend"}, "actor_role"),
        ({**asked(), "at": "2026-11-23T10:00:00"}, "at"),
        ({**asked(), "at": "2999-01-01T00:00:00Z"}, "at"),
        (asked(party={**DEBTOR, "time_zones": ["Mars/Olympus"]}), "request.party.time_zones.0"),
        (asked(party={**DEBTOR, "jurisdictions": ["XX"]}), "request.party.jurisdictions.0"),
        (asked(address={"value": "138", "kind": "mobile"}), "request.address.value"),
        (asked(address={"value": "a@b.cn", "kind": "email"}), "request.address.kind"),
        (asked(channel="visit", execution="gateway", address=None), "request.execution"),
        (asked(expires_at="2026-11-23T09:00:00+08:00"), "request.expires_at"),
        (asked(template="no-such-template"), "request.template"),
        (asked(template="overdue-reminder", text="您好"), "request.text"),
        (asked({"history": [call("2026-11-23T09:00:00+08:00", party_id=None)]}), "facts.history.0.party_id"),
        (asked({"history": [call("2026-11-23T09:00:00+08:00", outcome=None)]}), "facts.history.0.outcome"),
        (asked({"consents": [{"kind": "channel", "granted_at": NIGHT}]}), "facts.consents.0.party_id"),
        (asked({"holds": [{"kind": "dispute", "from": NIGHT}]}), "facts.holds.0.account_id"),
        (
            asked({"holds": [{"kind": "dispute", "account_id": "L", "from": NIGHT, "until": "2020-01-01T00:00:00Z"}]}),
            "facts.holds.0.until",
        ),
        (
            asked(
                {"suppressions": [{"scope": "party", "value": "P", "from": NIGHT, "until": NIGHT, "reason": "opt_out"}]}
            ),
            "facts.suppressions.0.until",
        ),
        (asked({"notices": [{"kind": "gossip", "account_id": "L", "sent_at": NIGHT}]}), "facts.notices.0.kind"),
        (
            asked({"preferences": [{"party_id": "P-10086", "kind": "only", "from": "09:00", "to": "09:00"}]}),
            "facts.preferences.0.to",
        ),
        (
            asked({"suppressions": [{"scope": "address", "value": "138", "from": NIGHT, "reason": "opt_out"}]}),
            "facts.suppressions.0.value",
        ),
    ],
)
async def test_a_faulty_question_is_refused_by_field(web: Web, body: dict[str, Any], field: str) -> None:
    answer = await web.post(PATH, body)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await web.rows("entries", kind="decision.asked") == []


async def test_null_and_absent_are_the_same(web: Web) -> None:
    nulls = dict.fromkeys(("template", "variables", "dialing", "visit", "letter", "send_after", "text"))

    plain = await decide(web, asked({"history": [call("2026-11-23T09:00:00+08:00")]}))
    spelled = await decide(
        web,
        asked({"history": [call("2026-11-23T09:00:00+08:00", dialing=None, place=None)], "consents": None}, **nulls),
    )

    assert plain == spelled


async def test_what_is_stored_answers_where_no_facts_are_given(web: Web) -> None:
    request = {"channel": "sms", "purpose": "collection", "party": DEBTOR, "account": {"id": "LN-7788"}}
    before = await decide(web, {"request": request})

    hold = {"kind": "dispute", "from": "2026-11-23T09:00:00+08:00"}
    await web.post("/v1/accounts/LN-7788/holds", hold)
    after = await decide(web, {"request": request})

    assert (before["effect"], after["effect"]) == ("allow", "deny")
    assert len(await web.rows("entries", kind="decision.asked")) == 2


async def test_the_sentence_speaks_the_language_that_is_asked_for(web: Web) -> None:
    answer = await web.post(PATH, asked(at=NIGHT), headers={"Accept-Language": "zh-CN"})

    [hours] = [verdict for verdict in answer.json()["verdicts"] if verdict["reason"] == "quiet_hours"]
    assert "22:00" in hours["message"] and "时" in hours["message"]


async def test_questions_need_their_scope(web: Web) -> None:
    writer = await web.key("writer", "contact:write")

    assert (await web.post(PATH, asked(), key=writer)).status_code == 403
