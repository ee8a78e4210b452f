"""The routes file: what it gives, and all that is wrong with a wrong one at once."""

from pathlib import Path

import pytest

from service.channels import print_house, simulated
from service.channels.delivery import KINDS
from service.core.model import Channel
from service.files.routes_file import RoutesRefused, read_routes
from service.flows.providers import ProviderAccount, Secret, Url

SANDBOX = """
providers:
  sandbox:
    kind: simulator
    url: http://127.0.0.1:9099
    secret_file: sandbox.secret
    records: true
routes:
  sms: sandbox
  call: sandbox
  letter: sandbox
"""

PRINT_HOUSE = """
providers:
  print-house: {kind: spool}
routes:
  letter: print-house
"""


@pytest.fixture
def routes_file(tmp_path: Path) -> Path:
    (tmp_path / "sandbox.secret").write_bytes(b"of sixteen bytes\n")
    (tmp_path / "short.secret").write_bytes(b"too short")
    return tmp_path / "routes.yaml"


def complaints(file: Path, text: str) -> list[str]:
    file.write_text(text)
    with pytest.raises(RoutesRefused) as caught:
        read_routes(file, KINDS)
    return [str(complaint) for complaint in caught.value.complaints]


def test_an_account_has_the_channels_that_are_routed_to_it(routes_file: Path) -> None:
    routes_file.write_text(SANDBOX)
    channels = frozenset({Channel.sms, Channel.call, Channel.letter})
    params = simulated.Params(url=Url("http://127.0.0.1:9099"), secret=Secret(b"of sixteen bytes"))
    account = ProviderAccount("sandbox", simulated.KIND, params, channels, records=True)

    read = read_routes(routes_file, KINDS)

    assert read.accounts == (account,)
    assert read.tiers == dict.fromkeys(channels, ((("sandbox", 1),),))


def test_a_print_house_may_report_nothing(routes_file: Path) -> None:
    routes_file.write_text(PRINT_HOUSE)
    silent = ProviderAccount("print-house", print_house.KIND, print_house.Params(), frozenset({Channel.letter}))

    assert read_routes(routes_file, KINDS).accounts == (silent,)


def test_all_that_is_wrong_is_said_at_once_with_its_line(routes_file: Path) -> None:
    text = """\
providers:
  Sandbox: {kind: simulator, url: "ftp://x", pace: 3}
  sandbox:
    kind: simulator
    url: http://user@127.0.0.1
    secret_file: short.secret
    records: 7
  idle: {kind: spool, secret_file: nowhere.secret}
  odd: {kind: pigeon}
routes:
  sms: sandbox
  sms: Sandbox
  wechat: elsewhere
  pigeon: sandbox
  visit: sandbox
  email: [sandbox, sandbox]
  letter: odd
colour: red
"""

    assert complaints(routes_file, text) == [
        "routes.yaml:1: providers: a simulator and a real provider cannot serve one gateway",
        "routes.yaml:2: providers.Sandbox: no channel is routed to it",
        "routes.yaml:2: providers.Sandbox: a name is lower-case letters, digits and hyphens, for it stands in a path",
        "routes.yaml:2: providers.Sandbox.secret_file: is missing",
        "routes.yaml:2: providers.Sandbox.url: must be http://HOST:PORT or https://HOST, without a user",
        "routes.yaml:2: providers.Sandbox.pace: unknown key for a simulator",
        "routes.yaml:5: providers.sandbox.url: must be http://HOST:PORT or https://HOST, without a user",
        "routes.yaml:6: providers.sandbox.secret_file: must hold at least 16 bytes",
        "routes.yaml:7: providers.sandbox.records: must be true or false",
        "routes.yaml:8: providers.idle: no channel is routed to it",
        "routes.yaml:8: providers.idle.secret_file: cannot be read",
        f"routes.yaml:9: providers.odd: its kind must be one of: {', '.join(sorted(KINDS))}",
        "routes.yaml:12: routes.sms: the key stands twice, first in line 11",
        "routes.yaml:13: routes.wechat: names a provider that is not described",
        "routes.yaml:14: routes.pigeon: not a channel",
        "routes.yaml:15: routes.visit: is carried out by a person, and no simulator hands over the order",
        "routes.yaml:16: routes.email.1: names sandbox twice",
        "routes.yaml:18: colour: unknown key",
    ]


def test_a_simulator_does_not_stand_beside_a_real_provider(routes_file: Path) -> None:
    text = SANDBOX.replace("  letter: sandbox", "  letter: house").replace("routes:", "  house: {kind: spool}\nroutes:")

    assert complaints(routes_file, text) == [
        "routes.yaml:2: providers: a simulator and a real provider cannot serve one gateway"
    ]


DESK = """
providers:
  staff:
    {kind: wecom, corp_id: ww1, corp_secret_file: sandbox.secret, agent_id: 1, push_token_file: sandbox.secret,
     encoding_aes_key_file: aes.key, desk: [li.si, wang.wu]}
routes:
  visit: staff
"""


def test_a_visit_is_routed_to_the_desk_that_gets_its_order(routes_file: Path) -> None:
    (routes_file.parent / "aes.key").write_text("A" * 43)
    routes_file.write_text(DESK)
    (account,) = read_routes(routes_file, KINDS).accounts

    assert (frozenset({Channel.visit}), ("li.si", "wang.wu")) == (account.channels, account.params.desk)
    assert complaints(routes_file, DESK.replace(", desk: [li.si, wang.wu]", "")) == [
        "routes.yaml:3: providers.staff.desk: is missing: the order for a visit goes there"
    ]


def test_the_order_for_a_visit_goes_to_one_desk(routes_file: Path) -> None:
    (routes_file.parent / "aes.key").write_text("A" * 43)
    staff = DESK[DESK.index("  staff:") : DESK.index("routes:")]
    two = DESK.replace("routes:", staff.replace("staff:", "others:") + "routes:")

    for routed in ("[staff, others]", "[{staff: 1, others: 1}]"):
        assert complaints(routes_file, two.replace("visit: staff", f"visit: {routed}")) == [
            "routes.yaml:10: routes.visit: the order for a visit goes to one account"
        ]


def test_a_spool_carries_letters_alone(routes_file: Path) -> None:
    assert complaints(routes_file, PRINT_HOUSE + "  sms: print-house\n") == [
        "routes.yaml:6: routes.sms: no spool carries it"
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("", "- sms", "providers: {}\nroutes: {}", "routes:\n  sms: sandbox\n", "a: [", "\0", "[" * 3000),
        SANDBOX.replace("sms: sandbox", "sms: [[sandbox]]"),
        SANDBOX.replace("sms: sandbox", "sms: 7"),
        SANDBOX.replace("sandbox.secret", '"a\\0b"'),
        SANDBOX.replace("127.0.0.1:9099", "127.0.0.1:99999"),
        SANDBOX.replace("127.0.0.1:9099", "127.0.0.1 9099"),
        SANDBOX.replace("127.0.0.1:9099", "127.0.0.1/#here"),
    ],
)
def test_what_is_no_routes_file_is_refused(routes_file: Path, text: str) -> None:
    assert complaints(routes_file, text) != []


def test_a_file_that_is_not_text_is_refused(routes_file: Path) -> None:
    routes_file.write_bytes(b"\xff\xfe")

    with pytest.raises(RoutesRefused, match="UTF-8"):
        read_routes(routes_file, KINDS)


def test_no_complaint_repeats_a_secret_or_an_address(routes_file: Path) -> None:
    (routes_file.parent / "short.secret").write_bytes(b"hunter2")
    text = SANDBOX.replace("sandbox.secret", "short.secret").replace("127.0.0.1", "user:hunter2@host")

    assert "hunter2" not in " ".join(complaints(routes_file, text))


CLOUD = """
providers:
  cloud:
    kind: aliyun_sms
    access_key_id: LTAI
    access_key_secret_file: nowhere.secret
    callback_secret_file: path.secret
    purposes: [collection]
    signatures: {示例银行: approved}
    templates:
      - {template: overdue-reminder, locale: zh-CN, code: SMS_1, state: approved, signature: 别的银行}
  ghost:
    kind: carrier_pigeon
routes:
  sms: [cloud, ghost, nobody]
"""


def test_bad_routes_are_refused_with_every_reason_at_once(routes_file: Path) -> None:
    (routes_file.parent / "path.secret").write_text("a-segment-nobody-guesses")

    assert complaints(routes_file, CLOUD) == [
        "routes.yaml:6: providers.cloud.access_key_secret_file: cannot be read",
        "routes.yaml:8: providers.cloud.purposes: collection: only with a `permission` {by, on, reference}",
        "routes.yaml:11: providers.cloud.templates.0.signature: is not among the account's signatures",
        f"routes.yaml:12: providers.ghost: its kind must be one of: {', '.join(sorted(KINDS))}",
        "routes.yaml:15: routes.sms.2: names a provider that is not described",
    ]


ALIYUN = (
    "kind: aliyun_voice, access_key_id: k, access_key_secret_file: s, callback_secret_file: s, "
    "templates: [{template: t, locale: zh-CN, code: T, state: approved}]"
)
TWILIO = 'kind: twilio_voice, account_sid: A, auth_token_file: s, public_url: "https://x.example"'
RELAY = (
    "kind: smtp, sender: a@b.example, sender_name: x, bounces_to: a@b.example, "
    "mark_key_file: s, callback_secret_file: s"
)
DROP = "kind: sftp, host_key: ssh-ed25519 AAAA, password_file: s"
HOUSE = 'kind: print_http, url: "https://x.example", token_file: s'


@pytest.mark.parametrize(
    ("channel", "account", "wrong"),
    [
        ("call", f"{ALIYUN}, play_times: 99", ["play_times"]),
        ("call", f"{ALIYUN}, play_times: 0", ["play_times"]),
        ("call", f'{ALIYUN}, show_number: ""', ["show_number"]),
        ("call", f'{TWILIO}, from_number: "", ring_s: -5', ["from_number", "ring_s"]),
        ("call", f"{TWILIO}, from_number: Bank, ring_s: 30", ["from_number"]),
        ("email", f'{RELAY}, host: "", port: 99999', ["host", "port"]),
        ("email", f"{RELAY}, host: a..b", ["host"]),
        ("letter", f'{DROP}, host: "", user: "", port: -1', ["host", "port", "user"]),
        ("letter", f"{DROP}, host: h, user: u, folder: ' '", ["folder"]),
        ("letter", f'{HOUSE}, file_field: ""', ["file_field"]),
    ],
)
def test_what_leads_nowhere_is_refused_when_it_is_read(
    routes_file: Path, channel: str, account: str, wrong: list[str]
) -> None:
    (routes_file.parent / "s").write_text("a-secret-nobody-guesses")
    said = complaints(routes_file, f"providers:\n  one: {{{account}}}\nroutes:\n  {channel}: one\n")

    assert wrong == sorted(each.split(": ")[1].removeprefix("providers.one.") for each in said)
