"""The catalogue: what it renders, what it refuses, and that a pinned version outlives its files."""

import shutil
from pathlib import Path

import orjson
import pytest

from service.core.errors import Misconfigured, NotFound
from service.core.model import Channel, PartyRole
from service.core.rendering import RenderContext
from service.core.variables import RenderingError
from service.files.template_verbs import lint, preview
from service.files.template_version import TemplatesRefused, build
from service.files.templates import TemplateCatalogue, load_templates
from tests.files.catalogue import TEMPLATES, US, context, render, shipped, template

ASKED = {"amount_due": "1234.56", "currency": "CNY", "due_on": "2026-11-11"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped templates that may be changed."""
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


def test_the_request_of_the_contract_renders_as_given() -> None:
    sent = shipped().render(template("overdue-reminder").version, Channel.sms, "zh-CN", ASKED, context())

    assert (
        "【示例农商银行】您好，您的账户应于2026年11月11日归还的款项，尚有人民币1,234.56元未还。请尽快通过我行手机银行或营业网点还款；"
        "如有困难或疑问，请致电96588，我们愿与您协商。已还款请忽略。"
    ) == sent.body
    assert 2 == sent.segments


@pytest.mark.parametrize("missing", ["amount_due", "currency", "days_past_due", "deadline"])
@pytest.mark.parametrize("channel", [Channel.letter, Channel.email])
def test_the_overdue_notice_does_not_render_without_amount_days_and_deadline(missing: str, channel: Channel) -> None:
    with pytest.raises(RenderingError) as caught:
        render("overdue-notice", channel, **{missing: None})

    assert (f"variables.{missing}", "missing") == (caught.value.field, caught.value.reason)


def test_a_letter_does_not_render_without_the_name_it_is_written_to() -> None:
    with pytest.raises(RenderingError) as caught:
        render("overdue-notice", Channel.letter, facts=context(name=None))

    assert ("party.name", "missing") == (caught.value.field, caught.value.reason)


@pytest.mark.parametrize(
    "hostile", ["{{ 7*7 }}", "{% if 1 %}x{% endif %}", "{{ hotline }}", "${7*7}", "<b>&amp;", "'; DROP"]
)
def test_a_value_is_never_read_as_template(hostile: str) -> None:
    sent = render("overdue-notice", Channel.email, facts=context(name=hostile), product_name=hostile)

    assert 2 == sent.part("text").count(hostile)
    assert "49" not in sent.body


def test_in_html_every_value_is_escaped_and_in_plain_text_none_is() -> None:
    sent = render("overdue-notice", Channel.email, product_name="<script>alert('x')</script>&")

    assert "<script>alert('x')</script>&账户" in sent.part("text")
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;账户" in sent.part("html")
    assert "<script>" not in sent.part("html")


def test_the_content_rules_read_no_html() -> None:
    assert "<p>" not in render("overdue-notice", Channel.email).body


def test_rendering_twice_gives_the_same_message() -> None:
    assert render("overdue-notice", Channel.letter) == render("overdue-notice", Channel.letter)


def test_a_guarantor_is_not_told_that_the_account_is_theirs() -> None:
    guarantor = context(PartyRole.guarantor)

    assert "由您担保的" in render("overdue-reminder", Channel.sms, facts=guarantor).body
    assert "guaranteed" in render("overdue-reminder", Channel.sms, "en", facts=guarantor).body
    assert "您在担保合同约定的范围内承担担保责任" in render("overdue-notice", Channel.letter, facts=guarantor).body


def test_a_notice_that_does_not_apply_is_neither_said_nor_stated() -> None:
    plain = render("overdue-reminder", Channel.call)
    full = render("overdue-reminder", Channel.call, facts=context(ai_voice=True, recorded=True, agency="示例服务公司"))

    assert {"ai_voice", "recording"} == full.states - plain.states
    assert "人工智能合成" in full.part("opening")
    assert "全程录音" in full.part("opening")
    assert "示例服务公司，受示例农村商业银行委托" in full.part("opening")
    assert "人工智能" not in plain.body
    assert "录音" not in plain.body


def test_the_creditor_of_the_request_is_named_before_the_institution() -> None:
    sent = render("overdue-reminder", Channel.email, facts=RenderContext(US, creditor="示例村镇银行"))

    assert "示例村镇银行：账户服务提醒" == sent.subject


def test_a_pinned_version_renders_the_same_after_its_files_have_changed(folder: Path) -> None:
    before = load_templates(folder)
    pinned = before.pin("overdue-reminder")
    assert pinned is not None
    sent = before.render(pinned, Channel.sms, "zh-CN", ASKED, context())
    source = folder / "overdue-reminder" / "sms.zh-CN.txt"
    source.write_text(source.read_text("utf-8").replace("您好", "尊敬的客户"), "utf-8")

    after = load_templates(folder)
    assert pinned != after.pin("overdue-reminder")
    with pytest.raises(NotFound):
        after.render(pinned, Channel.sms, "zh-CN", ASKED, context())
    assert pinned == after.add(before.sources(pinned)).version
    assert sent == after.render(pinned, Channel.sms, "zh-CN", ASKED, context())
    assert pinned != after.pin("overdue-reminder")


def test_the_version_depends_on_every_source_and_on_nothing_else(folder: Path) -> None:
    first = load_templates(folder)
    for path in folder.rglob("*.txt"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert [t.version for t in first.list()] == [t.version for t in load_templates(folder).list()]

    for path in sorted((folder / "visit-order").iterdir()):
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
        now = load_templates(folder)
        assert first.pin("visit-order") != now.pin("visit-order")
        assert first.pin("overdue-notice") == now.pin("overdue-notice")
        first = now


def test_the_version_is_the_digest_of_what_is_kept() -> None:
    chosen = template("locate-relay")
    kept = orjson.loads(shipped().sources(chosen.version))

    assert {"format": 1, "name": "locate-relay"} == {key: kept[key] for key in ("format", "name")}
    assert {p.name: p.read_text("utf-8") for p in (TEMPLATES / "locate-relay").iterdir()} == kept["files"]


def test_what_is_taken_back_cannot_escape_the_sandbox() -> None:
    kept = orjson.loads(shipped().sources(template("overdue-reminder").version))
    kept["files"]["sms.en.txt"] = "{{ 'x' * 10**9 }} {{ hotline }}"

    with pytest.raises(TemplatesRefused):
        TemplateCatalogue().add(orjson.dumps(kept))
    with pytest.raises(Misconfigured):
        TemplateCatalogue().add(orjson.dumps({**kept, "format": 2}))


def test_what_was_kept_renders_though_the_checks_have_become_stricter() -> None:
    kept = orjson.loads(shipped().sources(template("overdue-reminder").version))
    kept["files"]["sms.en.txt"] = "Please pay {{ amount_due }}."
    catalogue = TemplateCatalogue()

    version = catalogue.add(orjson.dumps(kept)).version
    assert "Please pay" in catalogue.render(version, Channel.sms, "en", ASKED, context()).body
    with pytest.raises(TemplatesRefused):
        build(kept["name"], kept["files"])


def test_the_catalogue_is_listed_by_name_and_found_by_digest() -> None:
    names = ["lawyer-letter", "locate-relay", "overdue-notice", "overdue-reminder", "repayment-plan", "visit-order"]

    assert names == [chosen.name for chosen in shipped().list()]
    assert shipped().by_digest(template("visit-order").version) is template("visit-order")
    assert (None, None, None) == (shipped().get("none"), shipped().pin("none"), shipped().by_digest("none"))


def test_lint_lists_what_ships() -> None:
    found = lint(TEMPLATES)

    assert [] == found.complaints
    assert ("locate-relay", template("locate-relay").version, template("locate-relay").sources) in found.templates


def test_preview_fills_in_the_examples() -> None:
    sent = preview(TEMPLATES, "overdue-reminder", Channel.sms, "en", {"amount_due": "9.99"}, context())

    assert sent.body.startswith("【Example RCB】CNY 9.99 was due on 11 November 2026")
    with pytest.raises(NotFound):
        preview(TEMPLATES, "none", Channel.sms, "en", {}, context())
