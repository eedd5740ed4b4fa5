"""For whoever watches the bot: /healthz (alive means working), /readyz, and /metrics, which Prometheus reads.
No label names anybody: kinds, outcomes and parts only."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from tgbot.service.measurements import BOUNDS, Observation, Observatory, Timings

TEXT = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "backcheck_"

Problems = Callable[[], Awaitable[Sequence[str]]]
"""What is wrong now, a word each; nothing when all is well."""


async def _nothing() -> Sequence[str]:
    return ()


async def _starting() -> Sequence[str]:
    return ("starting",)


@dataclass(slots=True)
class Watched:
    """What is looked at. Until `runs` is called the bot is starting: alive, not ready, nothing to count."""

    alive: Problems = _nothing
    ready: Problems = _starting
    about: Callable[[], Mapping[str, object]] = dict
    observatory: Observatory | None = None
    starting: bool = True

    def runs(
        self,
        alive: Problems,
        ready: Problems,
        about: Callable[[], Mapping[str, object]] = dict,
        observatory: Observatory | None = None,
    ) -> None:
        """`about` tells of the process and its words, for /readyz."""
        self.alive, self.ready, self.about, self.observatory = alive, ready, about, observatory
        self.starting = False


def health_app(watched: Watched) -> web.Application:
    """Both answer 200 `{"ok": true}`, or 503 with the problems; /healthz also says when it is starting."""

    async def healthz(_: web.Request) -> web.Response:
        return _answer(await watched.alive(), {"starting": True} if watched.starting else {})

    async def readyz(_: web.Request) -> web.Response:
        return _answer(await watched.ready(), watched.about())

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    return app


def _answer(found: Sequence[str], more: Mapping[str, object]) -> web.Response:
    body = {"ok": not found, "problems": list(found), **more}
    return web.json_response(body, status=503 if found else 200)


def add_metrics(app: web.Application, watched: Watched) -> None:
    """/metrics, beside whatever else the application answers."""
    registry = CollectorRegistry()
    families = Families()
    registry.register(families)
    ProcessCollector(registry=registry)

    async def scrape(_: web.Request) -> web.Response:
        observatory = watched.observatory
        if observatory is None:
            return web.Response(status=503, text="starting\n")
        families.observed = observatory, await observatory.look()
        return web.Response(body=generate_latest(registry), headers={"Content-Type": TEXT})

    app.router.add_get("/metrics", scrape)


class Families(Collector):
    """What was observed last, in Prometheus' families."""

    def __init__(self) -> None:
        self.observed: tuple[Observatory, Observation] | None = None

    def collect(self) -> Iterator[Metric]:
        if self.observed is None:
            return
        observatory, seen = self.observed
        yield from _counted(observatory, seen)
        yield from _timed(observatory)
        yield from _state(seen)


def _counted(observatory: Observatory, seen: Observation) -> Iterator[Metric]:
    updates = CounterMetricFamily(
        f"{_PREFIX}updates", "Updates, by kind and by what became of them.", labels=["kind", "outcome"]
    )
    for (kind, outcome), times in sorted(observatory.measurements.updates.items()):
        updates.add_metric([kind, outcome], times)
    yield updates
    for name, text, label, counts in (
        ("found", "Messages in words, by what was found for them.", "outcome", observatory.found),
        ("too_many_requests", "429s, by whom they hold up.", "holds", observatory.too_many),
        ("pictures", "Charts and cards.", "outcome", observatory.pictures),
        ("check_in_attempts", "Attempts to send a check-in, by outcome.", "outcome", seen.courier),
    ):
        yield _by(CounterMetricFamily(f"{_PREFIX}{name}", text, labels=[label]), counts)


def _timed(observatory: Observatory) -> Iterator[Metric]:
    taken = observatory.measurements
    for name, text, timings in (
        ("reply_seconds", "From an update's arrival here until it was answered.", taken.replies),
        ("emergency_seconds", "The same, of messages with a warning sign.", taken.emergencies),
        ("database_seconds", "Transactions, waiting for their turn included.", taken.database),
    ):
        yield _histogram(f"{_PREFIX}{name}", text, timings)


def _state(seen: Observation) -> Iterator[Metric]:
    ages = GaugeMetricFamily(
        f"{_PREFIX}sign_of_life_age_seconds", "Since a part's last sign of life.", labels=["part"]
    )
    yield _by(ages, seen.ages)
    if seen.follow_ups is not None:
        states = GaugeMetricFamily(
            f"{_PREFIX}follow_ups", "Follow-ups of the last 30 days and to come, by state.", labels=["state"]
        )
        yield _by(states, seen.follow_ups)
    for name, text, value in (
        ("oldest_due_seconds", "How long the oldest unsent follow-up is due.", seen.oldest_due),
        ("disk_free_ratio", "Free share of the database's disk.", seen.free),
        ("backup_age_seconds", "Since the last backup by `backcheck backup`.", seen.backup_age),
        ("review_days", "Until the first review of the words lapses.", seen.days_to_review),
    ):
        if value is not None:
            yield GaugeMetricFamily(f"{_PREFIX}{name}", text, value=value)
    versions = GaugeMetricFamily(f"{_PREFIX}info", "Always 1.", labels=["version", "pack_version"])
    versions.add_metric([seen.version, seen.pack_version], 1)
    yield versions


def _by(
    family: CounterMetricFamily | GaugeMetricFamily, counts: Mapping[str, float]
) -> CounterMetricFamily | GaugeMetricFamily:
    for label, value in sorted(counts.items()):
        family.add_metric([label], value)
    return family


def _histogram(name: str, text: str, timings: Timings) -> HistogramMetricFamily:
    bounds = [*map(str, BOUNDS), "+Inf"]
    buckets = list(zip(bounds, accumulate(timings.counts()), strict=True))
    return HistogramMetricFamily(name, text, buckets=buckets, sum_value=timings.total)
