"""Figures for operators, in Prometheus's form; labels are routes, channels and states, never ids."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service.flows.ports import SendResult

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.0, 10.0)

FIGURES = {
    "callbacks_delivered": "Events that clients took at their callbacks, told by this process.",
    "callbacks_failed": "Tries at clients' callbacks that failed and will be repeated, by this process.",
    "callbacks_dead": "Events given up after the last try, by this process; `replay` tells them again.",
    "orders_handed_over": "Orders for visits that the field staff's desk was handed, by this process.",
    "orders_failed": "Tries to hand one over that failed and will be repeated, by this process.",
    "orders_given_up": "Orders given up: the client or an officer must tell the staff; the entry says why.",
    "obligations_open": "Notices that a first contact obliges to, not yet recorded and not yet due.",
    "obligations_overdue": "Those of them that are due and not recorded: somebody must send them.",
    "policy_complaints": "What is wrong with the files of the policies folder; the book in force stays as it is.",
    "watch_differences": "Decisions of the day watched last that do not follow from their facts, or are unreadable.",
    "shadow_judged": "Decisions judged under the book that is tried in the shadow.",
    "shadow_changed": "Decisions of those that would have been otherwise.",
    "shadow_skipped": "Decisions of those that could not be judged: erased or unreadable.",
}
"""What the beats find out, as it stands."""


class Metrics:
    """The figures of one process; a registry of its own, so that two gateways in one process do not mix."""

    def __init__(self, breakers: Callable[[], Mapping[str, str]] = dict) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Breakers(breakers))
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
        self.results = Counter(
            "gateway_provider_results_total",
            "What came of handing messages over, by provider account and fate.",
            ("provider", "fate"),
            registry=self.registry,
        )
        self.unmapped = Counter(
            "gateway_provider_unmapped_codes_total",
            "Refusals by a code that no table of ours knows: somebody should look.",
            ("provider",),
            registry=self.registry,
        )
        self._figures = {
            name: Gauge(f"gateway_{name}", meaning, registry=self.registry) for name, meaning in FIGURES.items()
        }

    def figure(self, name: str, value: float) -> None:
        """Set one of `FIGURES`."""
        self._figures[name].set(value)

    def handed_over(self, provider: str, result: SendResult) -> None:
        """Count what came of one hand-over."""
        self.results.labels(provider, result.fate).inc()
        if result.unmapped:
            self.unmapped.labels(provider).inc()


class _Breakers(Collector):
    """The breakers as they stand when asked: one of the states is 1."""

    def __init__(self, breakers: Callable[[], Mapping[str, str]]) -> None:
        self._breakers = breakers

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "gateway_provider_breaker", "1 for the state of the account's breaker.", labels=("provider", "state")
        )
        for provider, state in self._breakers().items():
            family.add_metric((provider, state), 1)
        yield family
