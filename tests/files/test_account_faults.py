"""What is wrong with an account is said all at once: one fault hides no other, and invents none."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from service.core.rule import Flawed
from service.files.routes_file import RoutesRefused, read_routes
from service.flows.providers import ProviderKind, Secret, Trust
from tests.files.test_account_file import SMS, WHOLE, complaints


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "path.secret").write_text("an-unguessable-segment")
    return tmp_path


ALL_WRONG = """
    kind: cloud
    region: ""
    speed: fast
    callback_secret_file: nowhere.secret
    callbacks_from: [everywhere]
    signatures: {示例银行: approved}
    templates:
      - {template: overdue-reminder, locale: zh-CN, code: "", state: approved, signature: 别的银行}
      - {template: overdue-reminder, locale: en, code: SMS_2, state: perhaps, signature: 别的银行}
      - {template: overdue-reminder, locale: zh-CN, code: SMS_3, state: approved}
    purposes: [collection]
    per_second: 0
    hours: {days: mon-fri, from: "08:00", to: "08:00", zone: Mars}
    records: perhaps
"""


def test_all_that_is_wrong_with_one_account_is_said_at_once(folder: Path) -> None:
    said = complaints(folder, ALL_WRONG)

    assert [each.partition(":")[0] for each in said] == [
        "providers.one.region",
        "providers.one.speed",
        "providers.one.callback_secret_file",
        "providers.one.callbacks_from.0",
        "providers.one.templates.0.code",
        "providers.one.templates.0.signature",
        "providers.one.templates.1.state",
        "providers.one.templates.1.signature",
        "providers.one.templates.2",
        "providers.one.templates.2",
        "providers.one.purposes",
        "providers.one.per_second",
        "providers.one.hours.zone",
        "providers.one.hours.to",
        "providers.one.records",
    ]


@pytest.mark.parametrize(
    ("old", "new", "only"),
    [
        (", reference: ticket 4711", "", "permission.reference: is missing"),
        ("signatures: {示例银行: approved}", "signatures: [示例银行]", "signatures: must be keys and values"),
        ("    templates:\n", "    templates: none\n    ours:\n", "templates: must be a list"),
        ("region: hangzhou", "region: 7", "region: must be text; numbers and times of day go in quotes"),
        ("    callback_secret_file: path.secret\n", "", "callback_secret_file: is missing"),
    ],
)
def test_what_cannot_be_told_for_another_fault_is_not_said(folder: Path, old: str, new: str, only: str) -> None:
    said = complaints(folder, WHOLE.replace(old, new))

    assert [f"providers.one.{only}"] == [each for each in said if "ours" not in each]


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Checks that stand by themselves, and one that takes two values together."""

    host: str
    port: int = 25
    user: str | None = None
    password: Secret | None = None

    def __post_init__(self) -> None:
        flaws = [] if self.port > 0 else [("port", "must be above 0")]
        if (self.user is None) is not (self.password is None):
            flaws.append(("user", "and password_file are given together"))
        if flaws:
            raise Flawed(flaws)


RELAY = ProviderKind("relay", SMS, Login, trust=Trust.session)


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("{kind: relay, host: a, port: 0}", ["port: must be above 0"]),
        ("{kind: relay, port: 0}", ["host: is missing", "port: must be above 0"]),
        ("{kind: relay, host: [a], port: 0, user: b}", ["host", "port: must be above 0", "user: and password_file"]),
        ("{kind: relay, host: a, user: b, password_file: nowhere.secret}", ["password_file: cannot be read"]),
        (
            "{kind: relay, host: a, port: x, password_file: path.secret}",
            ["port: must be a whole", "user: and password"],
        ),
        ("{kind: relay, host: a, user: ''}", ["user: must not be empty"]),
    ],
)
def test_a_kinds_own_checks_are_made_as_far_as_they_can_be_told(folder: Path, account: str, said: list[str]) -> None:
    file = folder / "routes.yaml"
    file.write_text(f"providers:\n  one: {account}\nroutes:\n  sms: one\n")
    with pytest.raises(RoutesRefused) as caught:
        read_routes(file, {"relay": RELAY})

    found = sorted(f"{each.path}: {each.message}" for each in caught.value.complaints)
    assert len(said) == len(found)
    assert all(each.startswith(f"providers.one.{start}") for each, start in zip(found, said, strict=True))
