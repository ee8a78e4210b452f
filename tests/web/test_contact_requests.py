import pytest

from service.core.model import DAY, HOUR, ActorRole

from .front import Web, request_body

PATH = "/v1/contact-requests"


def call_body(**changes: object) -> dict[str, object]:
    """A call by an agent of the bank, for which a permit is asked."""
    said = {
        "reference": "call-1",
        "channel": "call",
        "template": "overdue-reminder",
        "execution": "permit",
        "dialing": "manual",
        "recording_available": True,
    }
    return request_body(**said | changes)


async def test_a_request_allowed_now_is_queued_with_its_decision(web: Web) -> None:
    answer = await web.post(PATH, request_body())

    said = answer.json()
    assert (202, "queued", "2026-11-23T10:00:00+08:00") == (answer.status_code, said["state"], said["send_at"])
    assert ("allow", None, True) == (said["decision"]["effect"], said["decision"]["not_before"], said["simulated"])
    assert {"id", "reference", "state", "send_at", "decision", "simulated"} == said.keys()
    assert 1 == web.woken


async def test_a_decision_shows_rule_reason_sentence_and_source(web: Web) -> None:
    web.clock.set("2026-11-23T22:00:00+08:00")

    decision = (await web.post(PATH, request_body())).json()["decision"]

    assert ("defer", "2026-11-24T08:00:00+08:00") == (decision["effect"], decision["not_before"])
    [house] = [verdict for verdict in decision["verdicts"] if verdict["rule"] == "house/quiet-hours"]
    assert ("contact_window", "defer", "2026-11-24T08:00:00+08:00") == (house["kind"], house["effect"], house["until"])
    assert {"rule", "kind", "effect", "until", "reason", "message", "citation", "remaining"} == house.keys()
    assert house["message"] and house["citation"]
    assert ["Asia/Shanghai"] == decision["zones"]
    assert (64, 64) == (len(decision["book"]["sha256"]), len(decision["facts_sha256"]))
    assert {"rule": "cn-collection/visits-per-day", "because": "channel"} in decision["not_applied"]


async def test_the_sentence_follows_the_accepted_language(web: Web) -> None:
    web.clock.set("2026-11-23T22:00:00+08:00")

    english = await web.post(PATH, request_body(), headers={"Accept-Language": "en-GB, zh;q=0.5"})
    chinese = await web.post(PATH, request_body(), headers={"Accept-Language": "zh-CN, en;q=0.5"})

    one, other = (answer.json()["decision"]["verdicts"][0]["message"] for answer in (english, chinese))
    assert one.isascii() or "–" in one
    assert any("\u4e00" <= letter <= "\u9fff" for letter in other)


async def test_a_refusal_is_a_problem_that_can_be_read_again(web: Web) -> None:
    refused = await web.post(PATH, request_body(address={"value": "+8613800138000", "kind": "mobile"}))

    said = refused.json()
    assert (403, "application/problem+json") == (refused.status_code, refused.headers["content-type"])
    assert ("/problems/refused-by-policy", 403, "deny") == (said["type"], said["status"], said["decision"]["effect"])
    assert "state" not in said
    read = (await web.get(f"{PATH}/{said['id']}")).json()
    assert ("refused", said["reference"]) == (read["state"], read["reference"])
    assert 0 == web.woken


async def test_if_blocked_refuse_refuses_what_may_happen_only_later(web: Web) -> None:
    web.clock.set("2026-11-23T22:00:00+08:00")

    refused = await web.post(PATH, request_body(if_blocked="refuse"))

    decision = refused.json()["decision"]
    assert (403, "defer", "2026-11-24T08:00:00+08:00") == (
        refused.status_code,
        decision["effect"],
        decision["not_before"],
    )


async def test_the_same_reference_again_is_answered_as_it_stands(web: Web) -> None:
    first = await web.post(PATH, request_body())
    reordered = dict(reversed(request_body(dialing=None, priority="normal").items()))

    again = await web.post(PATH, reordered)

    assert (202, None) == (first.status_code, first.headers.get("Idempotency-Replayed"))
    assert (200, "true") == (again.status_code, again.headers["Idempotency-Replayed"])
    assert first.json() == again.json()
    assert 1 == len(await web.rows("requests"))


async def test_a_known_refusal_is_answered_as_a_refusal(web: Web) -> None:
    body = request_body(address={"value": "+8613800138000", "kind": "mobile"})
    first = await web.post(PATH, body)

    again = await web.post(PATH, body)

    assert (403, "true", first.json()) == (again.status_code, again.headers["Idempotency-Replayed"], again.json())


async def test_the_same_reference_with_another_body_is_a_conflict(web: Web) -> None:
    await web.post(PATH, request_body())

    other = await web.post(PATH, request_body(priority="high"))

    assert (409, "/problems/reference-conflict", "queued") == (
        other.status_code,
        other.json()["type"],
        other.json()["state"],
    )


async def test_references_of_two_clients_do_not_meet(web: Web) -> None:
    agency = await web.key("agency", role=ActorRole.agency)
    mine = await web.post(PATH, request_body())

    theirs = await web.post(PATH, request_body(), key=agency)

    assert mine.json()["id"] != theirs.json()["id"]
    assert 2 == len(await web.rows("requests"))


async def test_an_idempotency_key_stands_in_for_an_absent_reference(web: Web) -> None:
    body = {name: value for name, value in request_body().items() if name != "reference"}

    first = await web.post(PATH, body, headers={"Idempotency-Key": "k-1"})
    again = await web.post(PATH, body, headers={"Idempotency-Key": "k-1"})
    both = await web.post(PATH, body | {"reference": "k-1"}, headers={"Idempotency-Key": "another"})
    neither = await web.post(PATH, body)

    assert (202, "k-1") == (first.status_code, first.json()["reference"])
    assert [200, 200, 422] == [answer.status_code for answer in (again, both, neither)]
    assert ["reference"] == [error["field"] for error in neither.json()["errors"]]


async def test_two_spellings_of_one_address_are_one_body(web: Web) -> None:
    first = await web.post(PATH, email_body("A.B@Example.com"))

    again = await web.post(PATH, email_body("a.b@example.com"))

    assert first.json()["id"] == again.json()["id"]


async def test_a_permit_comes_with_the_answer(web: Web) -> None:
    answer = await web.post(PATH, call_body())

    said = answer.json()
    assert (202, "dispatching", None) == (answer.status_code, said["state"], said["send_at"])
    assert ("2026-11-23T10:00:00+08:00", "2026-11-23T10:15:00+08:00") == (
        said["permit"]["valid_from"],
        said["permit"]["valid_until"],
    )
    again = await web.post(PATH, call_body())
    assert said["permit"] == again.json()["permit"]


async def test_a_request_shows_masks_without_the_scope_for_personal_data(web: Web) -> None:
    plain = await web.key("plain", "contact:write", "contact:read")
    posted = (await web.post(PATH, request_body(), key=plain)).json()

    read = (await web.get(f"{PATH}/{posted['id']}", key=plain)).json()

    assert {"id": "P-10086", "role": "debtor", "name": "张*"} == read["party"]
    assert {"kind": "mobile", "value": "138****8000"} == read["address"]
    assert [] == await web.rows("entries", kind="request.unmasked")


async def test_seeing_values_leaves_an_entry(web: Web) -> None:
    posted = (await web.post(PATH, request_body())).json()

    read = (await web.get(f"{PATH}/{posted['id']}")).json()

    assert ("张三", "+8613800138000") == (read["party"]["name"], read["address"]["value"])
    [entry] = await web.rows("entries", kind="request.unmasked")
    assert ("bank", posted["id"]) == (entry["actor"], entry["request"])


async def test_another_clients_request_is_not_found(web: Web) -> None:
    agency = await web.key("agency", "contact:read", "contact:write", role=ActorRole.agency)
    posted = (await web.post(PATH, request_body())).json()

    answers = [
        await web.get(f"{PATH}/{posted['id']}", key=agency),
        await web.post(f"{PATH}/{posted['id']}/cancel", key=agency),
    ]
    listed = await web.get(PATH, key=agency)

    assert [404, 404] == [answer.status_code for answer in answers]
    assert [] == listed.json()["items"]


async def test_an_auditor_reads_every_request_and_leaves_an_entry(web: Web) -> None:
    auditor = await web.key("auditor", "audit:read")
    posted = (await web.post(PATH, request_body())).json()

    read = await web.get(f"{PATH}/{posted['id']}", key=auditor)

    assert (200, "张*") == (read.status_code, read.json()["party"]["name"])
    [entry] = await web.rows("entries", kind="request.read")
    assert "auditor" == entry["actor"]


async def test_who_may_see_every_request_may_not_cancel_anothers(web: Web) -> None:
    auditor = await web.key("auditor", "audit:read", "contact:write")
    posted = (await web.post(PATH, request_body())).json()

    answer = await web.post(f"{PATH}/{posted['id']}/cancel", key=auditor)

    assert 404 == answer.status_code
    assert "queued" == (await web.get(f"{PATH}/{posted['id']}")).json()["state"]


async def test_a_waiting_request_is_cancelled_once_and_for_all(web: Web) -> None:
    posted = (await web.post(PATH, request_body())).json()

    first = await web.post(f"{PATH}/{posted['id']}/cancel")
    again = await web.post(f"{PATH}/{posted['id']}/cancel")

    assert (200, "cancelled") == (first.status_code, first.json()["state"])
    assert first.json() == again.json()
    [place] = await web.rows("reservations", request=posted["id"])
    assert "released" == place["state"]


async def test_what_is_under_way_cannot_be_cancelled(web: Web) -> None:
    posted = (await web.post(PATH, call_body())).json()

    late = await web.post(f"{PATH}/{posted['id']}/cancel")

    assert (409, "/problems/too-late", "dispatching") == (late.status_code, late.json()["type"], late.json()["state"])


async def test_a_list_is_paged_in_the_order_of_making(web: Web) -> None:
    for number in range(5):
        await web.post(PATH, request_body(reference=f"r-{number}"))

    first = (await web.get(PATH, limit=2)).json()
    await web.post(PATH, request_body(reference="r-5"))
    second = (await web.get(PATH, limit=2, after=first["next"])).json()
    third = (await web.get(PATH, limit=2, after=second["next"])).json()

    pages = [[item["reference"] for item in page["items"]] for page in (first, second, third)]
    assert [["r-0", "r-1"], ["r-2", "r-3"], ["r-4", "r-5"]] == pages
    assert third["next"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"reference": "r-1"}, ["r-1"]),
        ({"party_id": "P-2"}, ["r-2"]),
        ({"party_id": "P-unknown"}, []),
        ({"account_id": "LN-1"}, ["r-1"]),
        ({"state": ["queued", "scheduled"]}, ["r-1", "r-2"]),
        ({"state": "cancelled"}, []),
    ],
)
async def test_a_list_is_narrowed_by_each_parameter(web: Web, query: dict[str, object], found: list[str]) -> None:
    for number in (1, 2):
        party = {**request_body()["party"], "id": f"P-{number}"}
        account = {**request_body()["account"], "id": f"LN-{number}"}
        await web.post(PATH, request_body(reference=f"r-{number}", party=party, account=account))

    listed = (await web.get(PATH, **query)).json()

    assert found == [item["reference"] for item in listed["items"]]


async def test_a_sent_request_shows_its_attempt_and_both_decisions(wired: Web) -> None:
    posted = (await wired.post(PATH, request_body())).json()
    wired.clock.forward(HOUR)

    await wired.dispatch()

    read = (await wired.get(f"{PATH}/{posted['id']}")).json()
    assert "sent" == read["state"]
    assert ["2026-11-23T10:00:00+08:00", "2026-11-23T11:00:00+08:00"] == [each["at"] for each in read["decisions"]]
    [attempt] = read["attempts"]
    assert ("outbound", "sent", "simulator") == (attempt["direction"], attempt["outcome"], attempt["provider"])


async def test_an_expired_request_says_so(web: Web) -> None:
    posted = (await web.post(PATH, request_body(expires_at="2026-11-23T12:00:00+08:00"))).json()
    web.clock.forward(DAY)

    await web.sweep()

    assert "expired" == (await web.get(f"{PATH}/{posted['id']}")).json()["state"]


def email_body(address: str) -> dict[str, object]:
    said = {"amount_due": "1234.56", "currency": "CNY", "days_past_due": 12, "deadline": "2026-12-01"}
    to = {"value": address, "kind": "email", "provenance": "contract"}
    return request_body(channel="email", template="overdue-notice", address=to, variables=said)
