"""Every resource that is served: a line each. What stands first is matched first."""

from fastapi import APIRouter

from . import (
    accounts,
    audit,
    blocks,
    budgets,
    callbacks_in,
    contact_batch,
    contact_intake,
    contact_requests,
    decisions,
    events,
    health,
    interactions,
    openapi,
    outcomes,
    parties,
    policies,
    problem_pages,
    registry_checks,
    suppressions,
    templates,
)

ROUTERS: tuple[APIRouter, ...] = (
    contact_intake.router,
    contact_batch.router,
    contact_requests.router,
    outcomes.router,
    decisions.router,
    interactions.router,
    parties.router,
    budgets.router,
    accounts.router,
    registry_checks.router,
    suppressions.router,
    blocks.router,
    callbacks_in.router,
    audit.router,
    events.router,
    policies.router,
    templates.router,
    health.router,
    problem_pages.router,
    openapi.router,
)
