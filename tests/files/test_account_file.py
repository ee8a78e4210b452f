"""What an account may say of itself: purposes, permissions, filings, hours, networks, secrets; and what it may not."""

from dataclasses import dataclass
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from service.core.model import Channel, Purpose
from service.files.account_file import HARMLESS
from service.files.routes_file import RoutesRefused, read_routes
from service.files.templates import load_templates
from service.flows.providers import (
    CostClass,
    FiledTemplate,
    FilingState,
    Permission,
    ProviderAccount,
    ProviderKind,
    Trust,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    region: str
    window: int = 16


SHIPPED = Path(__file__).parents[2] / "templates"
SMS = frozenset({Channel.sms})
LINE = ProviderKind("line", SMS, Params, trust=Trust.session, signed=True)
CLOUD = ProviderKind("cloud", SMS, Params, trust=Trust.segment, templated=True, signed=True)
KINDS = {kind.name: kind for kind in (LINE, CLOUD)}

WHOLE = """
    kind: cloud
    region: hangzhou
    callback_secret_file: path.secret
    callbacks_from: [203.0.113.0/24]
    signatures: {示例银行: approved}
    templates:
      - {template: overdue-reminder, locale: zh-CN, code: SMS_1, state: approved, signature: 示例银行,
         variables: {amount: amount_due, day: due_on}}
    purposes: [collection, service_notice]
    permission: {by: Example Cloud, on: "2026-10-01", reference: ticket 4711}
    per_second: 50
    hours: {days: mon-sun, from: "08:00", to: "21:00", zone: Asia/Shanghai}
    cost_class: low
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "path.secret").write_text("an-unguessable-segment")
    return tmp_path


def read(folder: Path, account: str, signature: str | None = "示例银行") -> ProviderAccount:
    file = folder / "routes.yaml"
    file.write_text(f"providers:\n  one:{account}\nroutes:\n  sms: one\n")
    return read_routes(file, KINDS, signature).accounts[0]


def complaints(folder: Path, account: str, **more: Any) -> list[str]:
    with pytest.raises(RoutesRefused) as caught:
        read(folder, account, **more)
    return [f"{each.path}: {each.message}" for each in caught.value.complaints]


def test_an_account_is_read_whole(folder: Path) -> None:
    account = read(folder, WHOLE)

    assert account.params == Params(region="hangzhou")
    assert account.purposes == {Purpose.collection, Purpose.service_notice}
    assert account.permission == Permission("Example Cloud", "2026-10-01", "ticket 4711")
    assert account.filed("overdue-reminder", "zh-CN") == FiledTemplate(
        "overdue-reminder",
        "zh-CN",
        "SMS_1",
        FilingState.approved,
        (("amount", "amount_due"), ("day", "due_on")),
        "示例银行",
    )
    assert account.callbacks_from == (ip_network("203.0.113.0/24"),)
    assert (account.per_second, account.cost_class) == (50, CostClass.low)
    assert account.hours is not None and account.hours.zone == "Asia/Shanghai"
    assert "unguessable" not in repr(account.callback_secret)


def test_a_cloud_carries_nothing_about_debts_unless_that_was_permitted(folder: Path) -> None:
    silent = WHOLE.replace("    purposes: [collection, service_notice]\n", "")
    unpermitted = "\n".join(line for line in WHOLE.splitlines() if "permission" not in line)

    assert read(folder, silent).purposes == HARMLESS
    assert complaints(folder, unpermitted) == [
        "providers.one.purposes: collection: only with a `permission` {by, on, reference}"
    ]


def test_a_line_carries_every_purpose_and_needs_its_signature_filed(folder: Path) -> None:
    line = " {kind: line, region: x, signatures: {示例银行: filed}}"

    assert read(folder, line).purposes == frozenset(Purpose)
    assert complaints(folder, " {kind: line, region: x}") == [
        "providers.one: needs `signatures`: nothing goes out under one that is not filed"
    ]
    assert complaints(folder, line, signature="别家") == [
        "providers.one.signatures: our texts go out as 【别家】: it is not among them"
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("signature: 示例银行", "signature: 别家", "templates.0.signature: is not among the account's signatures"),
        (" signature: 示例银行,", "", "templates.0: must name the signature that it is filed with"),
        ("state: approved", "state: perhaps", "templates.0.state: must be one of 'filed', 'approved' or 'rejected'"),
        ("code: SMS_1,", "", "templates.0.code: is missing"),
        ("code: SMS_1,", 'code: "",', "templates.0.code: must not be empty"),
        ("per_second: 50", "per_second: 0", "per_second: must be at least 1"),
        ("cost_class: low", "cost_class: cheap", "cost_class: must be one of 'low', 'normal' or 'high'"),
        ("203.0.113.0/24", "203.0.113.1/24", "callbacks_from.0: is not a network such as 203.0.113.0/24"),
        ("Asia/Shanghai", "Asia/Peking", "hours.zone: is not a known time zone"),
        ("path.secret", "nowhere.secret", "callback_secret_file: cannot be read"),
        ("    callback_secret_file: path.secret\n", "", "callback_secret_file: is missing"),
        ("region: hangzhou", "region: 7", "region: must be text; numbers and times of day go in quotes"),
        ("region: hangzhou", "regio: hangzhou", "region: is missing"),
        (", reference: ticket 4711", "", "permission.reference: is missing"),
        ("reference: ticket 4711", 'reference: ""', "permission.reference: must not be empty"),
        ('on: "2026-10-01"', "on: last week", 'permission.on: must be a day such as "2026-10-01"'),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(folder: Path, old: str, new: str, said: str) -> None:
    assert old in WHOLE

    assert f"providers.one.{said}" in complaints(folder, WHOLE.replace(old, new))


@pytest.mark.parametrize(
    "secret", ["base64/of+many+bytes==", "two words and more", "two-lines\nand-more-of-it", "ä" * 16]
)
def test_a_secret_that_would_not_come_back_as_the_end_of_a_path_is_refused(folder: Path, secret: str) -> None:
    (folder / "path.secret").write_text(secret)

    assert complaints(folder, WHOLE) == [
        "providers.one.callback_secret_file: must hold 16 to 200 letters, digits, . _ ~ -: it stands in a path"
    ]


def test_a_permission_of_a_later_day_is_none_yet(folder: Path) -> None:
    file = folder / "routes.yaml"

    with pytest.raises(RoutesRefused, match=r"providers\.one\.permission\.on: must not be in the future"):
        read_routes(_rewritten(file, WHOLE), KINDS, "示例银行", today=date(2026, 9, 30))
    assert 1 == len(read_routes(_rewritten(file, WHOLE), KINDS, "示例银行", today=date(2026, 10, 1)).accounts)


def test_what_is_filed_must_be_a_template_of_ours_with_the_variables_it_has(folder: Path) -> None:
    ours = {template.name: template for template in load_templates(SHIPPED).list()}
    wrong = WHOLE.replace("amount: amount_due", "amount: amount_duee").replace("locale: zh-CN", "locale: zh-TW")
    file = folder / "routes.yaml"

    with pytest.raises(RoutesRefused) as caught:
        read_routes(_rewritten(file, wrong), KINDS, "示例银行", ours)

    assert [f"{each.path}: {each.message}" for each in caught.value.complaints] == [
        "providers.one.templates.0.locale: overdue-reminder has no zh-TW: it has zh-CN, en",
        "providers.one.templates.0.variables.amount: overdue-reminder has no variable amount_duee",
    ]
    assert len(read_routes(_rewritten(file, WHOLE), KINDS, "示例银行", ours).accounts) == 1
    with pytest.raises(RoutesRefused, match="there is no template overdue-remainder"):
        read_routes(_rewritten(file, WHOLE.replace("reminder", "remainder")), KINDS, "示例银行", ours)


def _rewritten(file: Path, account: str) -> Path:
    file.write_text(f"providers:\n  one:{account}\nroutes:\n  sms: one\n")
    return file


def test_a_template_is_filed_once(folder: Path) -> None:
    lines = WHOLE.splitlines(keepends=True)
    start = next(n for n, line in enumerate(lines) if "- {template" in line)
    twice = "".join(lines[: start + 2] + lines[start : start + 2] + lines[start + 2 :])

    assert complaints(folder, twice) == ["providers.one.templates.1: is filed twice"]


def test_a_cloud_without_a_filed_template_sends_nothing_and_is_refused(folder: Path) -> None:
    start, end = WHOLE.index("    templates:"), WHOLE.index("    purposes:")

    assert complaints(folder, WHOLE[:start] + WHOLE[end:]) == [
        "providers.one: needs `templates`: it sends nothing that is not filed with the provider"
    ]
