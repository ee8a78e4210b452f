"""What has exactly one home: the clock, the environment, the printed word, and each of a few libraries."""

import re

import pytest

from tests.house.source import imported, mentioned, python_files

PRINTING = r"service/(__main__|(cli|commands|bench|demo)(/.+)?)\.py"
"""The verbs and what stands beneath them: people read their output."""

NAMES = {
    "datetime.datetime.now": r"service/wiring\.py",
    "datetime.datetime.utcnow": "",
    "datetime.datetime.today": "",
    "datetime.date.today": "",
    "time.time": r"service/wiring\.py",
    "time.time_ns": r"service/wiring\.py",
    "time.localtime": "",
    "time.gmtime": "",
    "os.environ": r"service/settings\.py",
    "os.environb": "",
    "os.getenv": "",
    "os.putenv": "",
    "os.unsetenv": "",
    "print": PRINTING,
    "rich.print": PRINTING,
}

LIBRARIES = {
    "zoneinfo": r"service/core/civil\.py",
    "apscheduler": r"service/beats\.py",
    "httpx": r"service/channels/wire\.py",
    "websockets": r"service/channels/voice/link\.py",
    "orjson": r"service/core/canonical\.py|service/(?!core/).+",
    "sqlite3": r"service/store/.+",
    "asyncpg": r"service/store/.+",
    "ruamel": r"service/files/.+",
    "typst": r"service/channels/.+|service/files/.+",
    "cryptography": r"service/vault/.+|service/wiring\.py|service/channels/(clouds/twiml|wechat/pushed)\.py",
    "aiosmtplib": r"service/channels/mail/submission\.py",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_used_in_its_one_home_alone(name: str) -> None:
    strangers = [
        f"{file}:{line}"
        for file in python_files("service")
        for line, said in mentioned(file)
        if said == name and not re.fullmatch(NAMES[name] or "nowhere", file)
    ]

    assert strangers == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_imported_in_its_one_home_alone(library: str) -> None:
    strangers = [
        f"{file}:{line}"
        for file in python_files("service")
        for line, said in imported(file)
        if said.split(".")[0] == library and not re.fullmatch(LIBRARIES[library], file)
    ]

    assert strangers == []
