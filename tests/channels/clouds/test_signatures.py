"""The clouds' signatures against vectors that they published, and against their own libraries' pure functions."""

import hashlib

from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest
from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.common.sign import Sign

from service.channels.clouds import aliyun, tencent
from service.core.model import SECOND, Instant

AT = Instant(1_795_309_200 * SECOND)
"""2026-11-22 01:00:00 UTC."""


def test_the_published_example_of_aliyun_is_signed_as_published() -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = aliyun.canonical(
        [("RegionId", "cn-shanghai"), ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd")]
    )

    signed = aliyun.authorize("YourAccessKeyId", b"YourAccessKeySecret", "POST", "/", query, headers, b"")

    assert signed.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
    assert (
        "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version," in signed
    )


def test_the_parameters_of_aliyun_are_sorted_and_encoded_as_the_rfc_says() -> None:
    assert "A=%20%2A%2B~-_.&B=%E9%93%B6%2F%3D" == aliyun.canonical([("B", "银/="), ("A", " *+~-_.")])


def test_a_call_of_aliyun_names_its_host_its_time_and_its_nonce() -> None:
    signer = aliyun.Signer("key", b"secret", AT, "once")

    request = aliyun.rpc("https://dysmsapi.aliyuncs.com", "2017-05-25", "SendSms", {"A": "1"}, signer)

    assert ("POST", "/", "A=1", b"") == (request.method, request.path, request.query, request.body)
    headers = dict(request.headers)
    assert "dysmsapi.aliyuncs.com" == headers["host"]
    assert "2026-11-22T01:00:00Z" == headers["x-acs-date"]
    assert "once" == headers["x-acs-signature-nonce"]
    assert "secret" not in repr(signer) and "A=1" not in repr(request)


# The library writes names as they are, for the service has none but these; the documentation encodes them as well.
names = st.text("AZaz09._-", min_size=1, max_size=12)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(st.dictionaries(names, words, max_size=5), st.text("abcdef0123456789", min_size=1, max_size=32))
def test_a_call_of_aliyun_is_signed_as_its_own_library_signs_it(parameters: dict[str, str], nonce: str) -> None:
    signer = aliyun.Signer("key", b"secret", AT, nonce)
    request = aliyun.rpc("https://dysmsapi.aliyuncs.com", "2017-05-25", "SendSms", parameters, signer)
    headers = dict(request.headers)
    theirs = DaraRequest()
    theirs.method, theirs.pathname, theirs.query = "POST", "/", parameters
    theirs.headers = {name: value for name, value in headers.items() if name != "authorization"}

    digest = headers["x-acs-content-sha256"]
    assert Utils.get_authorization(theirs, aliyun.ALGORITHM, digest, "key", "secret") == headers["authorization"]


@given(st.text(max_size=40), st.integers(1_600_000_000, 2_500_000_000))
def test_a_call_of_tencent_is_signed_as_its_own_library_signs_it(text: str, seconds: int) -> None:
    action = tencent.Action("sms", "2021-01-11", "SendSms", "ap-guangzhou")
    signer = tencent.Signer("id", b"secret", Instant(seconds * SECOND))

    request = tencent.call("https://sms.tencentcloudapi.com", action, {"SignName": text}, signer)

    headers = dict(request.headers)
    given = headers["authorization"]
    day = given.partition("Credential=id/")[2].partition("/")[0]
    assert given.endswith(", Signature=" + Sign.sign_tc3("secret", day, "sms", _text(request.body, seconds, day)))
    assert str(seconds) == headers["x-tc-timestamp"]


def _text(body: bytes, seconds: int, day: str) -> str:
    canonical = (
        "POST\n/\n\ncontent-type:application/json\nhost:sms.tencentcloudapi.com\n\ncontent-type;host\n"
        + hashlib.sha256(body).hexdigest()
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return f"TC3-HMAC-SHA256\n{seconds}\n{day}/sms/tc3_request\n{digest}"
