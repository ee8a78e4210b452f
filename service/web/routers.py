"""Every resource that is served: a line each."""

from fastapi import APIRouter

from . import health

ROUTERS: tuple[APIRouter, ...] = (health.router,)
