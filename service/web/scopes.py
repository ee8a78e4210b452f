"""
The one table of routes: which scope each asks for. A route that is not in it keeps the door shut.

Several scopes mean that any one of them will do. None: no key is asked, because the route shows
nothing, or because a provider signs in its own way. What a route grants beyond that (only one's own
requests, masks) is said where it is served.
"""

from collections.abc import Mapping

CONTACT_WRITE = "contact:write"
CONTACT_READ = "contact:read"
DECISION_READ = "decision:read"
OUTCOME_WRITE = "outcome:write"
FACTS_WRITE = "facts:write"
FACTS_LOOSEN = "facts:loosen"
AUDIT_READ = "audit:read"
AUDIT_EXPORT = "audit:export"
PII_READ = "pii:read"
POLICY_READ = "policy:read"
POLICY_WRITE = "policy:write"
ADMIN = "admin"

Scopes = str | tuple[str, ...] | None

SCOPES: Mapping[tuple[str, str], Scopes] = {
    ("POST", "/v1/contact-requests"): CONTACT_WRITE,
    ("POST", "/v1/contact-requests/batch"): CONTACT_WRITE,
    ("GET", "/v1/contact-requests"): (CONTACT_READ, AUDIT_READ),
    ("GET", "/v1/contact-requests/{id}"): (CONTACT_READ, AUDIT_READ),
    ("POST", "/v1/contact-requests/{id}/cancel"): CONTACT_WRITE,
    ("POST", "/v1/contact-requests/{id}/outcome"): OUTCOME_WRITE,
    ("POST", "/v1/decisions"): DECISION_READ,
    ("POST", "/v1/interactions"): FACTS_WRITE,
    ("GET", "/v1/interactions/{id}"): (CONTACT_READ, AUDIT_READ),
    ("PUT", "/v1/parties/{id}"): FACTS_WRITE,
    ("POST", "/v1/parties/{id}/consents"): FACTS_LOOSEN,
    ("POST", "/v1/parties/{id}/consents/{consent}/withdraw"): FACTS_WRITE,
    ("POST", "/v1/parties/{id}/preferences"): FACTS_WRITE,
    ("DELETE", "/v1/parties/{id}/preferences/{preference}"): FACTS_LOOSEN,
    ("POST", "/v1/parties/{id}/holds"): FACTS_WRITE,
    ("POST", "/v1/parties/{id}/holds/{hold}/release"): FACTS_LOOSEN,
    ("GET", "/v1/parties/{id}/budget"): DECISION_READ,
    ("PUT", "/v1/accounts/{id}"): FACTS_WRITE,
    ("POST", "/v1/accounts/{id}/holds"): FACTS_WRITE,
    ("POST", "/v1/accounts/{id}/holds/{hold}/release"): FACTS_LOOSEN,
    ("POST", "/v1/accounts/{id}/notices"): FACTS_WRITE,
    ("POST", "/v1/registry-checks"): FACTS_WRITE,
    ("POST", "/v1/suppressions"): FACTS_WRITE,
    ("POST", "/v1/suppressions/{id}/lift"): FACTS_LOOSEN,
    ("POST", "/v1/suppressions/search"): (FACTS_WRITE, AUDIT_READ),
    ("POST", "/v1/blocks"): ADMIN,
    ("GET", "/v1/blocks"): (ADMIN, AUDIT_READ),
    ("POST", "/v1/blocks/{id}/lift"): ADMIN,
    ("GET", "/v1/obligations"): AUDIT_READ,
    ("POST", "/v1/receipts/{provider}"): None,
    ("POST", "/v1/receipts/{provider}/{segment}"): None,
    ("GET", "/v1/receipts/{provider}"): None,
    ("GET", "/v1/receipts/{provider}/{segment}"): None,
    ("POST", "/v1/inbound/{provider}"): None,
    ("POST", "/v1/inbound/{provider}/{segment}"): None,
    ("GET", "/v1/unsubscribe/{provider}/{token}"): None,
    ("POST", "/v1/unsubscribe/{provider}/{token}"): None,
    ("GET", "/v1/audit/entries"): AUDIT_READ,
    ("POST", "/v1/audit/entries/search"): AUDIT_READ,
    ("GET", "/v1/audit/entries/{index}"): AUDIT_READ,
    ("GET", "/v1/audit/export"): AUDIT_EXPORT,
    ("GET", "/v1/events"): CONTACT_READ,
    ("GET", "/v1/callbacks"): CONTACT_READ,
    ("POST", "/v1/callbacks"): CONTACT_READ,
    ("DELETE", "/v1/callbacks/{id}"): CONTACT_READ,
    ("POST", "/v1/callbacks/{id}/rotate"): CONTACT_READ,
    ("POST", "/v1/callbacks/{id}/replay"): CONTACT_READ,
    ("GET", "/v1/callbacks/{id}/deliveries"): CONTACT_READ,
    ("GET", "/v1/policies"): POLICY_READ,
    ("GET", "/v1/policies/diff"): POLICY_READ,
    ("GET", "/v1/policies/unconfirmed"): POLICY_READ,
    ("GET", "/v1/policies/{pack}"): POLICY_READ,
    ("POST", "/v1/policies/replay"): POLICY_READ,
    ("GET", "/v1/policies/shadow"): POLICY_READ,
    ("POST", "/v1/policies/shadow"): POLICY_WRITE,
    ("POST", "/v1/policies/shadow/end"): POLICY_WRITE,
    ("POST", "/v1/policies/activate"): POLICY_WRITE,
    ("GET", "/v1/templates"): POLICY_READ,
    ("POST", "/v1/templates/{name}/preview"): POLICY_READ,
    ("GET", "/problems/{code}"): None,
    ("GET", "/healthz"): None,
    ("GET", "/readyz"): None,
    ("GET", "/metrics"): None,
    ("GET", "/openapi.json"): None,
}

ALL_SCOPES: frozenset[str] = frozenset(
    {CONTACT_WRITE, CONTACT_READ, DECISION_READ, OUTCOME_WRITE, FACTS_WRITE, FACTS_LOOSEN}
    | {AUDIT_READ, AUDIT_EXPORT, PII_READ, POLICY_READ, POLICY_WRITE, ADMIN}
)
"""Every scope that a key can be given."""


def any_of(scopes: Scopes) -> tuple[str, ...]:
    return (scopes,) if isinstance(scopes, str) else scopes or ()
