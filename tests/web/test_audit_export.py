"""The evidence as a file: whole, checkable, harmless to open, and silent about persons."""

import csv
import hashlib
import io
from typing import Any

import orjson
import pytest

from service.flows.export import COLUMNS, harmless

from .front import Web, request_body

EXPORT = "/v1/audit/export"
POST = "/v1/contact-requests"


async def posted(web: Web, count: int = 3) -> None:
    for number in range(count):
        await web.post(POST, request_body(reference=f"r-{number}", if_blocked="refuse"))
    await web.number()


async def lines(web: Web, **query: Any) -> list[dict[str, Any]]:
    answer = await web.get(EXPORT, **query)
    assert (200, "application/x-ndjson") == (answer.status_code, answer.headers["content-type"].partition(";")[0])
    return [orjson.loads(line) for line in answer.text.splitlines()]


async def test_an_export_equals_the_list_and_states_the_head(web: Web) -> None:
    await posted(web)
    listed = (await web.get("/v1/audit/entries", limit=200)).json()

    answer = await web.get(EXPORT)
    *entries, last = [orjson.loads(line) for line in answer.text.splitlines()]

    assert [(item["index"], item["sha256"], item["party_id"]) for item in listed["items"]] == [
        (line["index"], line["sha256"], line["party_id"]) for line in entries
    ]
    assert {"head": listed["head"], "entries": len(entries)} == last
    assert str(listed["head"]) == answer.headers["Audit-Head"]


async def test_every_line_can_be_checked_by_its_digest(web: Web) -> None:
    await posted(web)
    rows = {row["index"]: row["body"] for row in await web.rows("entries")}

    *entries, _ = await lines(web)

    for line in entries:
        body = line["body"].encode()
        assert rows[line["index"]] == body
        assert line["sha256"] == hashlib.sha256(body).hexdigest()


async def test_an_export_goes_on_after_an_index(web: Web) -> None:
    await posted(web)
    *everything, last = await lines(web)

    *rest, end = await lines(web, after=last["head"] - 2)

    assert everything[-2:] == rest
    assert {"head": last["head"], "entries": 2} == end
    assert [{"head": last["head"], "entries": 0}] == await lines(web, after=last["head"])
    assert [{"head": last["head"], "entries": 0}] == await lines(web, after=2**63 - 1)


async def test_a_store_without_a_numbered_entry_exports_nothing_but_the_end(web: Web) -> None:
    assert 0 == len([row for row in await web.rows("entries") if row["index"] is not None])

    answer = await web.get(EXPORT)

    assert {"head": None, "entries": 0} == orjson.loads(answer.text)
    assert "Audit-Head" not in answer.headers
    assert 1 == len((await web.get(EXPORT, format="csv")).text.splitlines())


async def test_an_export_as_csv_holds_the_same_bodies(web: Web) -> None:
    await posted(web)
    *entries, last = await lines(web)

    answer = await web.get(EXPORT, format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))

    assert "text/csv; charset=utf-8" == answer.headers["content-type"]
    assert str(last["head"]) == answer.headers["Audit-Head"]
    assert list(COLUMNS) == list(rows[0])
    assert [(str(line["index"]), line["sha256"], line["body"]) for line in entries] == [
        (row["index"], row["sha256"], row["body"]) for row in rows
    ]
    accepted = next(row for row in rows if row["kind"] == "request.accepted")
    assert ("P-10086", "LN-7788", "sms", "allow") == tuple(
        accepted[name] for name in ("party_id", "account_id", "channel", "effect")
    )


async def test_no_cell_of_a_csv_is_a_formula(web: Web) -> None:
    ids = ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", '=1,"2"\u202f3']
    for number, name in enumerate(ids):
        account = {**request_body()["account"], "id": name}
        party = {**request_body()["party"], "id": f"{name}-p"}
        answer = await web.post(POST, request_body(reference=f"r-{number}", party=party, account=account))
        assert answer.status_code in (202, 403), answer.text
    await web.number()

    text = (await web.get(EXPORT, format="csv")).text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))

    assert {f"'{name}" for name in ids} <= {row["account_id"] for row in rows}
    assert {f"'{name}-p" for name in ids} <= {row["party_id"] for row in rows}
    assert [] == [cell for row in rows for cell in row.values() if cell[:1] in set("=+-@\t\r\n＝＋－＠")]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a"])
def test_what_a_spreadsheet_would_calculate_is_made_text(cell: str) -> None:
    assert f"'{cell}" == harmless(cell)


@pytest.mark.parametrize("cell", ["", "a=1", "2026", 7, None])
def test_what_is_harmless_stays_as_it_is(cell: Any) -> None:
    assert cell == harmless(cell)


async def test_exporting_leaves_an_entry(web: Web) -> None:
    await posted(web)
    officer = await web.key("officer", "audit:export")
    await web.get(EXPORT, key=officer, format="csv", after=1)

    (row,) = await web.rows("entries", kind="audit.exported")
    said = orjson.loads(row["body"])

    assert ("officer", 1, "csv") == (said["actor"], said["after"], said["format"])
    assert said["head"] >= 3


async def test_only_who_may_export_exports(web: Web) -> None:
    reader = await web.key("reader", "audit:read")

    assert 403 == (await web.get(EXPORT, key=reader)).status_code
    assert 401 == (await web.get(EXPORT, key={})).status_code


@pytest.mark.parametrize(
    "query", [{"format": "xlsx"}, {"format": "CSV"}, {"after": "-1"}, {"after": "x"}, {"after": "9" * 40}, {"limit": 1}]
)
async def test_an_export_of_an_unknown_form_is_refused(web: Web, query: dict[str, Any]) -> None:
    assert 422 == (await web.get(EXPORT, **query)).status_code


def facts_about(number: str, words: str) -> list[tuple[str, dict[str, Any]]]:
    """Every kind of fact that can hold an address or somebody's words."""
    at = "2026-11-20T10:00:00+08:00"
    consent = {"kind": "channel", "channel": "sms", "address": number, "granted_at": at, "evidence": words}
    inbound = {"at": at, "channel": "sms", "direction": "inbound", "outcome": "replied", "party_id": "P-10086"}
    return [
        ("/v1/parties/P-10086/consents", consent),
        ("/v1/suppressions", {"scope": "address", "value": number, "reason": "opt_out", "from": at}),
        ("/v1/suppressions/search", {"address": number}),
        ("/v1/registry-checks", {"registry": "sg-dnc", "address": number, "listed": True, "checked_at": at}),
        ("/v1/interactions", {**inbound, "address": number, "address_kind": "mobile"}),
        ("/v1/decisions", {"request": {**request_body(), "text": words, "template": None, "variables": None}}),
    ]


async def test_neither_the_database_nor_an_export_holds_a_word_about_a_person(web: Web) -> None:
    secrets = {
        "name": "欧阳娜娜",
        "number": "+8613912345678",
        "amount": "98765.43",
        "tail": "90817263",
        "note": "将于周五还款",
        "given": "Zacharias Quillfeather",
    }
    party = {**request_body()["party"], "name": secrets["name"]}
    address = {"value": secrets["number"], "kind": "mobile", "provenance": "contract"}
    variables = {"amount_due": secrets["amount"], "currency": "CNY", "due_on": "2026-11-11", "account_tail": "90817263"}
    await web.post(POST, request_body(reference="r-1", party=party, address=address, variables=variables))
    call = {"channel": "call", "execution": "permit", "recording_available": True, "variables": variables}
    permitted = await web.post(POST, request_body(reference="r-2", party=party, address=address, **call))
    report = {"outcome": "conversation_right_party", "started_at": "2026-11-23T10:00:00+08:00", "note": secrets["note"]}
    await web.post(f"{POST}/{permitted.json()['id']}/outcome", report)
    for path, body in facts_about(secrets["number"], secrets["note"]):
        taken = await web.post(path, body)
        assert taken.status_code < 300, f"{path}: {taken.text}"
    bad = {**party, "name": secrets["given"], "role": "nobody"}
    await web.post(POST, request_body(reference="r-3", party=bad, address=address))
    await web.get(f"{POST}/{permitted.json()['id']}")
    await web.number()
    await web.post("/v1/audit/entries/search", {"address": {"value": secrets["number"]}, "party_id": "P-10086"})
    await web.number()

    exported = (await web.get(EXPORT)).content + (await web.get(EXPORT, format="csv")).content
    listed = (await web.get("/v1/audit/entries", limit=200)).content
    files = b"".join(path.read_bytes() for path in web.house.settings.data_dir.glob("gateway.db*"))

    for what, secret in secrets.items():
        bare = secret.removeprefix("+86")
        for where, content in (("database", files), ("export", exported), ("list", listed)):
            assert bare.encode() not in content, f"{what} stands in the {where}"
            assert bare.encode("utf-16-le") not in content, f"{what} stands in the {where}"
    assert b"P-10086" in files and b"P-10086" in exported
