import dataclasses
from pathlib import Path

import pytest

from service.core.model import Channel
from service.settings import PREFIX, Settings, SettingsError, load, settings_table

PASSWORD = "correct-horse"


def complaints(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refused:
        load(environ)
    return refused.value.complaints


def test_an_empty_environment_gives_safe_defaults() -> None:
    settings = load({})

    assert settings.database_url == "sqlite:///var/gateway.db"
    assert settings.embedded
    assert settings.database_file == Path("var/gateway.db")
    assert settings.host == "127.0.0.1"
    assert settings.port == 8080
    assert settings.master_key_file == Path("var/master.key")
    assert settings.master_key is None
    assert settings.providers is None
    assert not settings.simulated
    assert settings.routes_file is None
    assert settings.workers_inline
    assert settings.migrate
    assert settings.bank_zone == "Asia/Shanghai"
    assert settings.default_locale == "zh-CN"
    assert settings.policies_dir == Path(__file__).parent.parent / "policies"
    assert settings.templates_dir == Path(__file__).parent.parent / "templates"


def test_what_follows_from_the_data_directory_follows_it() -> None:
    settings = load({"GATEWAY_DATA_DIR": "/data"})

    assert settings.database_file == Path("/data/gateway.db")
    assert settings.master_key_file == Path("/data/master.key")
    assert settings.spool_dir == Path("/data/letters")


def test_what_is_given_is_taken(tmp_path: Path) -> None:
    routes = tmp_path / "routes.yaml"
    routes.write_text("")

    settings = load(
        {
            "GATEWAY_PORT": "9000",
            "GATEWAY_MIGRATE": "no",
            "GATEWAY_WORKERS_INLINE": "No",
            "GATEWAY_POLICIES_DIR": str(tmp_path),
            "GATEWAY_PROVIDERS": str(routes),
            "GATEWAY_INSTITUTION": "Muster Bank 【A】",
            "GATEWAY_HOTLINE": "+86 21 6123 4567",
            "GATEWAY_BANK_ZONE": "America/Argentina/Buenos_Aires",
            "GATEWAY_DEFAULT_LOCALE": "zh-Hant-TW",
            "GATEWAY_LOG_LEVEL": "debug",
        }
    )

    assert settings.port == 9000
    assert not settings.migrate
    assert not settings.workers_inline
    assert settings.policies_dir == tmp_path
    assert settings.routes_file == routes
    assert settings.sms_signature == "MusterBankA"
    assert settings.log_level == "debug"


def test_an_empty_value_counts_as_absent() -> None:
    assert load({"GATEWAY_PORT": "", "GATEWAY_PROVIDERS": "", "GATEWAY_MASTER_KEY": ""}) == load({})


def test_other_programs_variables_are_none_of_our_business() -> None:
    assert load({"PATH": "/bin", "gateway_port": "x", "MY_GATEWAY_PORT": "x"}) == load({})


def test_all_complaints_come_at_once() -> None:
    found = complaints(
        {
            "GATEWAY_PORT": "99999",
            "GATEWAY_MIGRATE": "maybe",
            "GATEWAY_LOG_LEVEL": "loud",
            "GATEWAY_PROVIDER": "simulator",
            "GATEWAY_SEND_TIMEOUT_S": "60",
        }
    )

    assert found == (
        "GATEWAY_PROVIDER is no setting; did you mean GATEWAY_PROVIDERS?",
        "GATEWAY_MIGRATE must be yes or no",
        "GATEWAY_PORT must be a whole number from 1 to 65535",
        "GATEWAY_LOG_LEVEL must be debug, info, warning or error",
        "GATEWAY_LEASE_S must be more than 65, the time-out and margin of a send",
    )


def test_an_error_says_every_complaint_in_its_text() -> None:
    with pytest.raises(SettingsError) as refused:
        load({"GATEWAY_PORT": "x", "GATEWAY_LEASE_S": "x"})

    assert str(refused.value) == "\n".join(refused.value.complaints)
    assert len(refused.value.complaints) == 2


def test_an_unknown_setting_that_resembles_none_is_refused_without_a_guess() -> None:
    assert complaints({"GATEWAY_QUUX": "1"}) == ("GATEWAY_QUUX is no setting",)


def test_a_service_link_of_kubernetes_is_explained() -> None:
    (complaint,) = complaints({"GATEWAY_SERVICE_HOST": "10.0.0.1"})

    assert "enableServiceLinks: false" in complaint


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "8080.0"),
        ("PORT", " 8080"),
        ("PORT", "٨٠٨٠"),
        ("PORT", "tcp://10.0.0.1:8080"),
        ("MIGRATE", "y"),
        ("HOST", " localhost"),
        ("HOST", "a\nb"),
        ("DATABASE_URL", "gateway.db"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite:///gateway.db?mode=memory"),
        ("DATABASE_URL", "mysql://u:p@h/n"),
        ("DATABASE_URL", "postgresql://u:p@h"),
        ("DATABASE_URL", "postgresql://u:p@h/"),
        ("DATABASE_URL", "postgresql+psycopg://u:p@h/n"),
        ("DATABASE_URL", "postgresql://[u:p@h/n"),
        ("POLICIES_DIR", "/nowhere"),
        ("TEMPLATES_DIR", __file__),
        ("PROVIDERS", "/nowhere/routes.yaml"),
        ("PROVIDERS", "simulators"),
        ("HOTLINE", "call us"),
        ("SMS_SIGNATURE", "【示例银行】"),
        ("SMS_SIGNATURE", "x"),
        ("DEFAULT_LOCALE", "zh_CN"),
        ("BANK_ZONE", "UTC+8"),
        ("BANK_ZONE", "shanghai"),
        ("BANK_ZONE", "Asia/Shanghia"),
        ("BANK_ZONE", "../../etc/passwd"),
        ("RECEIPT_HOURS_SMS", "0"),
        ("MAX_BODY_BYTES", "99999999999999999999"),
    ],
)
def test_a_value_that_is_none_is_refused_by_name_and_never_repeated(variable: str, value: str) -> None:
    (complaint,) = complaints({PREFIX + variable: value})

    assert complaint.startswith(f"{PREFIX}{variable} must be ")
    assert value.strip() not in complaint.removeprefix(PREFIX + variable) or len(value) < 11


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("postgresql://gw@db/gateway", "postgresql+asyncpg://gw@db/gateway"),
        ("postgres://gw@db:5433/gateway", "postgresql+asyncpg://gw@db:5433/gateway"),
        ("postgresql+asyncpg://gw@db/gateway", "postgresql+asyncpg://gw@db/gateway"),
        ("postgresql://gw@db/g?a=1&sslmode=require", "postgresql+asyncpg://gw@db/g?a=1&ssl=require"),
        ("postgresql:///gateway?host=/run/postgresql", "postgresql+asyncpg:///gateway?host=/run/postgresql"),
    ],
)
def test_an_address_of_postgresql_spells_its_driver_out(given: str, read: str) -> None:
    settings = load({"GATEWAY_DATABASE_URL": given})

    assert settings.database_url == read
    assert not settings.embedded
    assert settings.database_file is None
    assert not settings.workers_inline


def test_secrets_stay_out_of_the_repr() -> None:
    settings = load({"GATEWAY_DATABASE_URL": f"postgresql://gw:{PASSWORD}@db/gateway", "GATEWAY_MASTER_KEY": PASSWORD})

    assert settings.master_key == PASSWORD
    assert PASSWORD not in repr(settings)
    assert PASSWORD not in str(settings)


def test_a_master_key_comes_from_one_place() -> None:
    assert complaints({"GATEWAY_MASTER_KEY": PASSWORD, "GATEWAY_MASTER_KEY_FILE": "key"}) == (
        "GATEWAY_MASTER_KEY and GATEWAY_MASTER_KEY_FILE must not both be set",
    )


def test_the_simulator_may_speak_for_a_bank_that_does_not_exist_but_a_real_provider_may_not(tmp_path: Path) -> None:
    routes = tmp_path / "routes.yaml"
    routes.write_text("")

    simulated = load({"GATEWAY_PROVIDERS": "simulator"})

    assert simulated.simulated
    assert simulated.sms_signature == simulated.institution == "示例农村商业银行"
    assert complaints({"GATEWAY_PROVIDERS": str(routes)}) == (
        "GATEWAY_INSTITUTION must be set along with a routes file",
        "GATEWAY_HOTLINE must be set along with a routes file",
    )


def test_every_channel_but_the_visit_waits_for_its_receipt_for_a_while() -> None:
    settings = load({"GATEWAY_RECEIPT_HOURS_SMS": "5"})

    assert settings.receipt_hours(Channel.sms) == 5
    assert settings.receipt_hours(Channel.visit) is None
    assert all(settings.receipt_hours(channel) for channel in Channel if channel is not Channel.visit)


def test_settings_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load({}).port = 1  # type: ignore[misc]


def test_the_table_names_every_setting_with_a_default_and_a_meaning() -> None:
    table = settings_table()

    assert [name for name, _, _ in table] == [PREFIX + field.name.upper() for field in dataclasses.fields(Settings)]
    assert all(default and meaning for _, default, meaning in table)
    assert ("GATEWAY_PORT", "8080", "port to listen on") in table


def test_every_default_that_is_words_of_the_environment_is_what_one_could_have_set() -> None:
    for field in dataclasses.fields(Settings):
        if (default := field.metadata["default"]) is not None:
            assert load({PREFIX + field.name.upper(): default}) == load({})
