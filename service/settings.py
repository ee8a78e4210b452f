"""
The only reader of the environment: every setting, its default and its meaning, in one frozen object.

All complaints come at once and stop the start. An unknown `GATEWAY_` variable is one of them, for a
misspelt setting is one that silently is not in force. A complaint names the variable and what would
be right, never the value, which may be a secret. An empty value counts as absent: each default is safe.
"""

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from service.core.civil import is_zone
from service.core.errors import Misconfigured
from service.core.model import Channel

PREFIX = "GATEWAY_"

_ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Misconfigured):
    """Everything that is wrong with the environment, one line each."""

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = tuple(complaints)


def from_environment() -> "Settings":
    """Read the settings of this process; called once, by `__main__`."""
    return load(os.environ)


def load(environ: Mapping[str, str]) -> "Settings":
    """Read the settings from `environ`, or raise `SettingsError` with all that is wrong with it."""
    known = {_variable(setting): setting for setting in fields(Settings)}
    complaints = [_unknown(name, known) for name in sorted(environ) if name.startswith(PREFIX) and name not in known]
    read: dict[str, Any] = {}
    for name, setting in known.items():
        text = environ.get(name) or setting.metadata["default"]
        try:
            read[setting.name] = None if text is None else setting.metadata["parse"](text)
        except ValueError as wrong:
            complaints.append(f"{name} must be {wrong}")
    complaints += _contradictions(read)
    if complaints:
        raise SettingsError(complaints)
    return Settings(**_derived(read))


def settings_table() -> list[tuple[str, str, str]]:
    """List every setting as (variable, default, meaning), in the order of declaration."""
    return [(_variable(each), _shown_default(each), each.metadata["meaning"]) for each in fields(Settings)]


# --- what a value may be: each parser raises ValueError with the words after "must be" -----------------------------


def _text(text: str) -> str:
    if text != text.strip() or not text.isprintable():
        raise ValueError("text without blanks around it and without control characters")
    return text


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,15}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return parse


def _yes_no(text: str) -> bool:
    if text.lower() not in ("yes", "no", "true", "false", "1", "0"):
        raise ValueError("yes or no")
    return text.lower() in ("yes", "true", "1")


def _matching(pattern: str, words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(words)
        return text

    return parse


def _zone(text: str) -> str:
    if not is_zone(text):
        raise ValueError("a time zone such as Asia/Shanghai")
    return text


def _directory(text: str) -> Path:
    if not (path := Path(text)).is_dir():
        raise ValueError("a directory that exists")
    return path


def _providers(text: str) -> str:
    if text != "simulator" and not Path(text).is_file():
        raise ValueError("`simulator` or a routes file that exists")
    return text


def _database_url(text: str) -> str:
    """Check the address and spell the driver out; query parameters reach asyncpg, which says `ssl` for `sslmode`."""
    if text.startswith("sqlite:///"):
        name = text.removeprefix("sqlite:///")
        if name and name != ":memory:" and not set(name) & set("?#\x00"):
            return text
    elif match := re.match(r"(postgres|postgresql|postgresql\+asyncpg)://", text):
        rest = text[match.end() :]
        if urlsplit(f"postgresql://{rest}").path.strip("/"):
            return "postgresql+asyncpg://" + re.sub(r"([?&])sslmode=", r"\1ssl=", rest)
    raise ValueError("sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")


# --- the settings ---------------------------------------------------------------------------------------------------


def _is(parse: Callable[[str], Any], default: str | None, meaning: str, derived: str = "") -> Mapping[str, Any]:
    """Describe one setting: `default` in the words of the environment, or in `derived` what stands in for it."""
    return {"parse": parse, "default": default, "meaning": meaning, "derived": derived}


def _receipt_hours(default: str, what: str) -> Mapping[str, Any]:
    return _is(_whole(1, 8760), default, f"hours after which {what} without a receipt is completed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment decides; made by `load` alone, secrets left out of its repr."""

    # Where things are
    data_dir: Path = field(metadata=_is(Path, "./var", "directory of everything the gateway writes"))
    database_url: str = field(repr=False, metadata=_is(
        _database_url, None, "where the rows live: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
        "SQLite, `gateway.db` in GATEWAY_DATA_DIR",
    ))  # fmt: skip
    pool_size: int = field(metadata=_is(_whole(1, 200), "10", "connections to PostgreSQL that a process keeps"))
    migrate: bool = field(metadata=_is(_yes_no, "yes", "whether `serve` brings the tables up to date first"))
    policies_dir: Path = field(metadata=_is(_directory, None, "directory of policy packs", "the packs that ship"))
    templates_dir: Path = field(metadata=_is(_directory, None, "directory of templates", "the templates that ship"))
    spool_dir: Path = field(metadata=_is(Path, None, "directory letters go to", "`letters` in GATEWAY_DATA_DIR"))

    # The master key
    master_key_file: Path = field(metadata=_is(
        Path, None, "file of 32 bytes in base64 under which every party's key is wrapped",
        "`master.key` in GATEWAY_DATA_DIR",
    ))  # fmt: skip
    master_key: str | None = field(repr=False, metadata=_is(
        _text, None, "the master key itself in base64, in place of a file", "none; the file is read",
    ))  # fmt: skip

    # The door
    host: str = field(metadata=_is(_text, "127.0.0.1", "address to listen on; 0.0.0.0 for all"))
    port: int = field(metadata=_is(_whole(1, 65535), "8080", "port to listen on"))
    max_body_bytes: int = field(metadata=_is(_whole(1024, 2**24), "262144", "bytes that a single call may carry"))
    max_batch_bytes: int = field(metadata=_is(
        _whole(1024, 2**30), "67108864", "bytes that a batch of requests or interactions may carry",
    ))  # fmt: skip
    log_level: str = field(metadata=_is(
        _matching("debug|info|warning|error", "debug, info, warning or error"), "info",
        "least severe event that is logged",
    ))  # fmt: skip

    # Delivery
    providers: str | None = field(metadata=_is(
        _providers, None, "`simulator`, or a routes file that names a provider for each channel",
        "none; every channel refuses with `no_route`",
    ))  # fmt: skip
    workers_inline: bool = field(metadata=_is(
        _yes_no, None, "whether `serve` dispatches too, or leaves that to `worker`", "yes on SQLite, no on PostgreSQL",
    ))  # fmt: skip
    dispatch_batch: int = field(metadata=_is(_whole(1, 1000), "32", "due requests that a worker claims at once"))
    send_timeout_s: int = field(metadata=_is(
        _whole(1, 120), "10", "seconds that a provider has to answer; after that the outcome is unknown",
    ))  # fmt: skip
    send_margin_s: int = field(metadata=_is(
        _whole(1, 600), "5", "seconds beyond the time-out for which the decision at the wire must still hold",
    ))  # fmt: skip
    lease_s: int = field(metadata=_is(_whole(5, 3600), "60", "seconds that a claim lasts if its worker dies"))
    tries_max: int = field(metadata=_is(
        _whole(1, 20), "4", "tries at the wire, while each before it certainly reached nobody",
    ))  # fmt: skip
    backoff_s: int = field(metadata=_is(
        _whole(1, 86400), "60", "seconds before the second try; doubled before each further one",
    ))  # fmt: skip
    callbacks_private: bool = field(metadata=_is(
        _yes_no, "no", "whether clients may be called at private addresses, by HTTP, and on any port",
    ))  # fmt: skip
    receipt_hours_call: int = field(metadata=_receipt_hours("2", "a call"))
    receipt_hours_sms: int = field(metadata=_receipt_hours("72", "a text message"))
    receipt_hours_letter: int = field(metadata=_receipt_hours("720", "a letter"))
    receipt_hours_wechat: int = field(metadata=_receipt_hours("72", "a WeChat message"))
    receipt_hours_email: int = field(metadata=_receipt_hours("72", "an e-mail"))

    # The lender
    institution: str = field(metadata=_is(
        _text, None, "the lender's name, as messages state it; required with a routes file",
        "示例农村商业银行, a bank that does not exist",
    ))  # fmt: skip
    hotline: str = field(metadata=_is(
        _matching(r"\+?[0-9][0-9 -]{2,23}", "a telephone number"), None,
        "telephone number that messages give for questions and complaints; required with a routes file",
        "000-00000000, which nobody has",
    ))  # fmt: skip
    sms_signature: str = field(metadata=_is(
        _matching(r"[^\s【】]{2,40}", "2 to 40 characters without brackets or blanks"), None,
        "the filed signature of text messages, without its brackets", "the institution's name, without blanks",
    ))  # fmt: skip
    default_locale: str = field(metadata=_is(
        _matching(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", "a locale such as zh-CN"), "zh-CN",
        "locale of a message to a party that has none",
    ))  # fmt: skip
    bank_zone: str = field(metadata=_is(_zone, "Asia/Shanghai", "time zone of the lender's own day"))

    @property
    def embedded(self) -> bool:
        """Whether the rows live in an embedded SQLite file rather than in PostgreSQL."""
        return self.database_url.startswith("sqlite:")

    @property
    def database_file(self) -> Path | None:
        """The embedded store's file; None for PostgreSQL."""
        return Path(self.database_url.removeprefix("sqlite:///")) if self.embedded else None

    @property
    def simulated(self) -> bool:
        """Whether nothing real is sent: every answer says so."""
        return self.providers == "simulator"

    @property
    def routes_file(self) -> Path | None:
        """The file that names a provider for each channel; None with the simulator, or without any route."""
        return None if self.providers is None or self.simulated else Path(self.providers)

    def receipt_hours(self, channel: Channel) -> int | None:
        """How long a sent message waits for its receipt; None for visits, which a person reports."""
        return getattr(self, f"receipt_hours_{channel}", None)


# --- the whole ------------------------------------------------------------------------------------------------------


def _variable(setting: "Field[Any]") -> str:
    return PREFIX + setting.name.upper()


def _shown_default(setting: "Field[Any]") -> str:
    default: str | None = setting.metadata["default"]
    return setting.metadata["derived"] if default is None else default


def _unknown(name: str, known: Mapping[str, object]) -> str:
    # A Service called "gateway" makes Kubernetes set these in every pod beside it.
    if re.match(r"GATEWAY_(SERVICE_|PORT_[0-9])", name):
        return f"{name} is no setting but a service link of Kubernetes: set enableServiceLinks: false in the pod"
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    return f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else "")


def _contradictions(read: Mapping[str, Any]) -> list[str]:
    """Name what each setting allows and all together do not; what was complained of already is not in `read`."""
    complaints = []
    if read.get("master_key") is not None and read.get("master_key_file") is not None:
        complaints.append("GATEWAY_MASTER_KEY and GATEWAY_MASTER_KEY_FILE must not both be set")
    if {"send_timeout_s", "send_margin_s", "lease_s"} <= read.keys():
        held_s = read["send_timeout_s"] + read["send_margin_s"]
        if read["lease_s"] <= held_s:
            complaints.append(f"GATEWAY_LEASE_S must be more than {held_s}, the time-out and margin of a send")
    if read.get("providers") not in (None, "simulator"):
        # An example's name or number must not reach a person.
        wanting = (name for name in ("institution", "hotline") if name in read and read[name] is None)
        complaints += [f"{PREFIX}{name.upper()} must be set along with a routes file" for name in wanting]
    return complaints


def _derived(read: dict[str, Any]) -> dict[str, Any]:
    """Fill in the defaults that follow from other settings."""
    data_dir: Path = read["data_dir"]
    institution = read["institution"] or "示例农村商业银行"
    database_url = read["database_url"] or f"sqlite:///{data_dir / 'gateway.db'}"
    derived = {
        "database_url": database_url,
        "workers_inline": database_url.startswith("sqlite:"),
        "master_key_file": data_dir / "master.key",
        "spool_dir": data_dir / "letters",
        "policies_dir": _ROOT / "policies",
        "templates_dir": _ROOT / "templates",
        "institution": institution,
        "hotline": "000-00000000",
        "sms_signature": re.sub(r"[\s【】]", "", institution),
    }
    return read | {name: value for name, value in derived.items() if read[name] is None}
