"""Every resource that is served: a line each. What stands first is matched first."""

from fastapi import APIRouter

from . import audit, callbacks_in, contact_batch, contact_requests, events, health, openapi, outcomes, problem_pages

ROUTERS: tuple[APIRouter, ...] = (
    contact_batch.router,
    contact_requests.router,
    outcomes.router,
    callbacks_in.router,
    audit.router,
    events.router,
    health.router,
    problem_pages.router,
    openapi.router,
)
