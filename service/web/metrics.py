"""Figures for operators, in Prometheus's form; labels are routes, channels and states, never ids."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.0, 10.0)


class Metrics:
    """The figures of one process; a registry of its own, so that two gateways in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.served = Histogram(
            "gateway_http_request_seconds",
            "Time to answer, by route.",
            ("method", "route", "status"),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.asked = Counter(
            "gateway_contact_requests_total",
            "Contact requests answered, by channel and by the state they were given.",
            ("channel", "state"),
            registry=self.registry,
        )
        self.beats = Histogram(
            "gateway_beat_seconds",
            "Time that a beat took, by beat and result.",
            ("beat", "result"),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.calendars = Gauge(
            "gateway_calendar_confirmed_days",
            "Days for which a calendar of the book in force is still confirmed.",
            ("calendar",),
            registry=self.registry,
        )
        self.sent = Counter(
            "gateway_sends_total", "Messages handed to a provider by this process.", registry=self.registry
        )
