"""Which templates there are, and how one would read."""

import io
from typing import Any

import pypdf
import pytest

from service.core.segments import SmsRule, units
from service.web.templates_shown import PreviewShown, TemplatesShown

from .front import Web

TEMPLATES = "/v1/templates"
SHIPPED = ["lawyer-letter", "locate-relay", "overdue-notice", "overdue-reminder", "repayment-plan", "visit-order"]


async def listed(web: Web) -> dict[str, dict[str, Any]]:
    page = (await web.get(TEMPLATES)).json()
    TemplatesShown.model_validate(page)
    return {item["name"]: item for item in page["items"]}


async def previewed(web: Web, name: str, **body: Any) -> dict[str, Any]:
    answer = await web.post(f"{TEMPLATES}/{name}/preview", body)
    assert answer.status_code == 200, answer.text
    PreviewShown.model_validate(answer.json())
    return answer.json()


async def test_every_template_says_what_it_is_for_and_what_it_asks(web: Web) -> None:
    templates = await listed(web)

    assert SHIPPED == list(templates)
    reminder = templates["overdue-reminder"]
    assert ("debt", ["zh-CN", "en"]) == (reminder["reveals"], reminder["channels"]["sms"])
    assert "collection" in reminder["purposes"] and "debtor" in reminder["party_roles"]
    variables = {variable["name"]: variable for variable in reminder["variables"]}
    assert ("amount", True, "currency") == tuple(
        variables["amount_due"][name] for name in ("type", "required", "currency")
    )
    assert ("text", False, 8) == tuple(variables["account_tail"][name] for name in ("type", "required", "most"))


async def test_every_text_of_every_template_can_be_previewed_with_its_examples(web: Web) -> None:
    for name, template in (await listed(web)).items():
        for channel, locales in template["channels"].items():
            for locale in locales:
                said = await previewed(web, name, channel=channel, locale=locale)
                assert said["body"] and (locale, template["version"]) == (said["locale"], said["version"])


async def test_a_text_message_is_counted_with_its_signature(web: Web) -> None:
    variables = {"amount_due": "98765.43", "currency": "CNY", "due_on": "2026-11-11"}

    said = await previewed(web, "overdue-reminder", channel="sms", locale="zh-CN", variables=variables)

    assert said["body"].startswith("【") and "98,765.43" in said["body"]
    assert units(said["body"], SmsRule.cn_flat) == said["segments"]
    assert said["subject"] is None


async def test_a_call_is_previewed_part_by_part(web: Web) -> None:
    said = await previewed(web, "overdue-reminder", channel="call", dialing="ai_voice")

    assert {"opening", "verification", "closing"} <= {part["name"] for part in said["parts"]}
    assert "ai_voice" in said["states"]


async def test_a_letter_is_previewed_as_a_pdf_where_that_is_preferred(web: Web) -> None:
    headers = {"Accept": "application/pdf"}

    answer = await web.post(f"{TEMPLATES}/overdue-notice/preview", {"channel": "letter"}, headers=headers)

    assert (200, "application/pdf") == (answer.status_code, answer.headers["content-type"])
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    assert "张三" in text


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/json"),
        ("application/json, application/pdf", "application/json"),
        ("application/pdf, application/json;q=0.5", "application/pdf"),
        ("application/pdf;q=0.1, application/json", "application/json"),
        ("text/html, */*;q=0.8", "application/json"),
        ("nonsense;;q=x", "application/json"),
    ],
)
async def test_accept_chooses_between_words_and_a_pdf(web: Web, accept: str, media: str) -> None:
    headers = {"Accept": accept}

    answer = await web.post(f"{TEMPLATES}/overdue-notice/preview", {"channel": "letter"}, headers=headers)

    assert media == answer.headers["content-type"]


async def test_what_is_not_a_letter_is_never_a_pdf(web: Web) -> None:
    headers = {"Accept": "application/pdf"}

    answer = await web.post(f"{TEMPLATES}/overdue-notice/preview", {"channel": "email"}, headers=headers)

    assert "application/json" == answer.headers["content-type"]


async def test_a_preview_stores_nothing_and_leaves_no_word(web: Web) -> None:
    before = len(await web.rows("entries"))

    await previewed(web, "overdue-reminder", channel="sms")

    assert before == len(await web.rows("entries"))
    assert [] == await web.rows("parties")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["channel"]),
        ({"channel": "fax"}, ["channel"]),
        ({"channel": "letter"}, ["channel"]),
        ({"channel": "sms", "locale": "../../etc"}, ["locale"]),
        ({"channel": "sms", "party_role": "employer"}, ["party_role"]),
        ({"channel": "sms", "text": "hello"}, ["text"]),
        ({"channel": "sms", "variables": {}}, ["variables.amount_due", "variables.currency", "variables.due_on"]),
        ({"channel": "sms", "variables": {"amount_due": 1.5}}, ["variables.amount_due"]),
        (
            {"channel": "sms", "variables": {"amount_due": "{{ 7*7 }}", "currency": "CNY", "due_on": "2026-11-11"}},
            ["variables.amount_due"],
        ),
        (
            {"channel": "sms", "variables": {"amount_due": "1", "currency": "CNY", "due_on": "2026-11-11", "x": "y"}},
            ["variables.x"],
        ),
    ],
)
async def test_what_cannot_be_rendered_is_refused_by_field(web: Web, body: dict[str, Any], fields: list[str]) -> None:
    answer = await web.post(f"{TEMPLATES}/overdue-reminder/preview", body)

    assert 422 == answer.status_code, answer.text
    assert fields == [error["field"] for error in answer.json()["errors"]]
    assert "7*7" not in answer.text


@pytest.mark.parametrize("name", ["nothing", "overdue-reminder-2"])
async def test_a_template_that_nobody_knows_is_not_found(web: Web, name: str) -> None:
    assert 404 == (await web.post(f"{TEMPLATES}/{name}/preview", {"channel": "sms"})).status_code


async def test_templates_ask_for_the_scope_of_policies(web: Web) -> None:
    writer = await web.key("writer", "contact:write")

    assert 403 == (await web.get(TEMPLATES, key=writer)).status_code
    assert 403 == (await web.post(f"{TEMPLATES}/overdue-notice/preview", {"channel": "sms"}, key=writer)).status_code
