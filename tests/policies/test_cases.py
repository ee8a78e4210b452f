"""The executable cases beside the packs, one test each, and that no rule goes without."""

from pathlib import Path

import pytest

from service.files.policies import load_book
from service.files.policy_cases import Case, read_cases, run
from service.files.policy_verbs import lint, try_cases, unproven
from tests.core.cases import POLICIES

from .copies import copy_policies

FILES = sorted(POLICIES.glob("*.cases.yaml"))
CASES = [case for file in FILES for case in read_cases(file)[0]]
BOOK = load_book(POLICIES, drafts=True)
_INSTANT = "must be an RFC 3339 instant with an offset, such as 2026-11-23T09:00:00+08:00"
CASE = (
    "cases:\n  - case: one\n    rule: quiet-hours\n    when: '2026-11-23T10:00:00+08:00'\n"
    "    given: {request: {channel: sms, purpose: collection, party: {id: P-1, role: debtor}}}\n"
    "    expect: {verdict: allow}\n"
)
GIVEN = "{request: {channel: sms, purpose: collection, party: {id: P-1, role: debtor}}}"


def test_every_case_file_can_be_read() -> None:
    assert [complaint for file in FILES for complaint in read_cases(file)[1]] == []
    assert len({(case.rule, case.name) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.name}")
def test_the_case_holds_as_written(case: Case) -> None:
    assert run(BOOK, case).differences == ()


def test_every_rule_has_cases_that_allow_and_refuse_and_stand_on_its_edge() -> None:
    assert list(unproven(BOOK, CASES)) == []


def test_policy_test_says_what_differs(tmp_path: Path) -> None:
    copy_policies(tmp_path, lambda text: text.replace("limit: 2", "limit: 5"), cases="house")

    found = try_cases(tmp_path)

    assert not found.passed
    [differing] = [each for each in found.ran if each.differences and "third waits" in each.case.name]
    assert differing.case.rule == "house/sms-per-day"
    assert "verdict: expected defer, found allow" in differing.differences


def test_policy_test_misses_a_pack_that_a_case_names(tmp_path: Path) -> None:
    copy_policies(tmp_path, cases="none")
    (tmp_path / "house.cases.yaml").write_text(CASE + "    packs: [nothing]\n", encoding="utf-8")

    [ran] = try_cases(tmp_path).ran

    assert ran.differences == ("there is no pack nothing",)


def test_policy_test_passes_what_ships() -> None:
    assert try_cases(POLICIES).passed


def test_policy_lint_reads_cases_too(tmp_path: Path) -> None:
    copy_policies(tmp_path, cases="house")
    bad = (
        "cases:\n"
        "  - case: one\n    rule: quiet-hours\n    when: yesterday\n    expect: {verdict: allow}\n"
        "  - case: two\n    rule: quiet-hours\n    when: '2026-11-23T10:00:00+08:00'\n"
        "    given: {request: {channel: sms, purpose: collection, party: {id: P-1, role: friend}}}\n"
        "    expect: {verdict: allow}\n"
        "  - case: three\n    rule: quiet-hours\n    when: '2026-11-23T10:00:00+08:00'\n"
        "    given: {facts: {consents: [{party_id: P-1, kind: channel, since: today}]}}\n    expect: {colour: red}\n"
    )
    (tmp_path / "house.cases.yaml").write_text(bad, encoding="utf-8")

    found = lint(tmp_path)

    assert found.book is None
    assert [str(complaint) for complaint in found.complaints] == [
        f"house.cases.yaml:4: cases.0.when: {_INSTANT}",
        f"house.cases.yaml:9: cases.1.given.request.party.role: must be one of {_ROLES}",
        "house.cases.yaml:15: cases.2.expect.colour: unknown key",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("cases: 5\n", "1: cases: must be a list of cases"),
        ("given: 5\n" + CASE, "1: given: must be keys and values"),
        ("given: [a]\n" + CASE, "1: given: must be keys and values"),
        (CASE.replace("rule: quiet-hours", "rule: 5"), "3: cases.0.rule: must be text"),
        (CASE.replace(GIVEN, "x"), "5: cases.0.given: must be keys and values"),
        (CASE.replace(GIVEN, "{request: x}"), "5: cases.0.given.request: must be keys and values"),
        (CASE.replace("}}}", "}}, facts: x}"), "5: cases.0.given.facts: must be keys and values"),
        (
            CASE.replace("role: debtor}", "role: debtor, jurisdictions: [5]}"),
            "5: cases.0.given.request.party.jurisdictions: must be a list of texts",
        ),
        (
            CASE.replace("role: debtor}", "role: debtor, jurisdictions: [UK]}"),
            "5: cases.0.given.request.party.jurisdictions.0: there is no jurisdiction UK",
        ),
        (
            CASE.replace("role: debtor}}}", "role: debtor}, address: here}}"),
            "5: cases.0.given.request.address: must be keys and values",
        ),
        (CASE.replace("{verdict: allow}", "allow"), "6: cases.0.expect: must be keys and values"),
        (
            CASE.replace("{verdict: allow}", "{verdict: permit}"),
            "6: cases.0.expect.verdict: must be one of allow, advise, defer, deny, not applied",
        ),
        (CASE.replace("{verdict: allow}", "{until: tonight}"), f"6: cases.0.expect.until: {_INSTANT}"),
        (CASE + "    packs: 5\n", "7: cases.0.packs: must be a list of texts"),
        (CASE + "    hold_seconds: long\n", "7: cases.0.hold_seconds: must be a whole number, 0 or more"),
        (CASE + "    hold_seconds: -5\n", "7: cases.0.hold_seconds: must be a whole number, 0 or more"),
        (CASE + "    boundary: maybe\n", "7: cases.0.boundary: must be true or false"),
    ],
)
def test_a_case_that_cannot_be_read_is_complained_of(text: str, complaint: str, tmp_path: Path) -> None:
    copy_policies(tmp_path, cases="house")
    (tmp_path / "house.cases.yaml").write_text(text, encoding="utf-8")

    assert [str(each) for each in lint(tmp_path).complaints] == [f"house.cases.yaml:{complaint}"]


_ROLES = (
    "'debtor', 'co_debtor', 'guarantor', 'related_third_party', 'contact_person', 'heir', 'representative', "
    "'employer' or 'unknown'"
)
