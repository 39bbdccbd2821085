"""What Prometheus reads, against what clients saw."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.asking import chat, ndjson, said, user
from support.configuring import reload
from support.daemon import Daemon
from support.installation import REPOSITORY, TINY_LLM, Installation
from support.metrics import OPEN_METRICS, TEXT, Metrics
from support.processes import proportional_bytes
from support.upstream import Upstream, dies
from support.waiting import wait_until

REFERENCE = REPOSITORY / "docs/metrics.md"
DASHBOARD = REPOSITORY / "docs/grafana/sarai.json"
TINY = {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512}
PIPELINE = {
    "steps": [
        {"name": "thought", "model": "tiny", "prompt": "Think of {{text}}", "max_tokens": 4},
        {"name": "answer", "model": "tiny", "prompt": "{{text}} {{thought}}", "max_tokens": 4},
    ]
}
LOCAL = {"model": "tiny", "target": "tiny/gguf_native"}


@pytest.fixture(scope="module")
def server() -> Iterator[Upstream]:
    """A server that hangs up on every request."""
    with Upstream(dies) as server:
        yield server


@pytest.fixture(scope="module")
def daemon(installation: Installation, server: Upstream) -> Iterator[Daemon]:
    """A daemon with a model of its own, and one that has a server too."""
    models = {
        "tiny": TINY | {"role": "small"},
        "twin": TINY | {"backend": "ollama_http", "model": "m", "servers": [server.url], "fallback": "gguf_native"},
    }
    config = {"models": models, "pipelines": {"twice": PIPELINE}, "failover": {"eject_after": 2}}
    with Daemon(installation, config) as daemon:
        daemon.load("tiny")
        yield daemon


class Change:
    """What changes while the block runs, and is told when it is over."""

    def __init__(self, daemon: Daemon):
        self.daemon = daemon

    def __enter__(self) -> "Change":
        self.before = Metrics(self.daemon)
        return self

    def __exit__(self, *_: object) -> None:
        self.after = Metrics(self.daemon)

    def of(self, name: str, **labels: str) -> float:
        """By how much a sum of samples has grown."""
        return self.after.sum(name, **labels) - self.before.sum(name, **labels)


@pytest.mark.parametrize(
    ("accept", "content_type"), [(None, TEXT), (f"{OPEN_METRICS};q=0.5,{TEXT};q=0.3", OPEN_METRICS)]
)
def test_the_official_parsers_read_it(daemon: Daemon, accept: str | None, content_type: str) -> None:
    said(chat(daemon, "tiny"))
    metrics = Metrics(daemon, accept)
    assert metrics.content_type == content_type
    assert metrics.sum("sarai_request_duration_seconds_count", model="tiny", outcome="answered") >= 1
    assert len(metrics.samples) == len({(sample.name, *sorted(sample.labels.items())) for sample in metrics.samples})
    for bucket in metrics.all("sarai_request_duration_seconds_bucket", le="+Inf"):
        labels = {name: value for name, value in bucket.labels.items() if name != "le"}
        assert metrics.one("sarai_request_duration_seconds_count", **labels) == bucket.value


def test_the_reference_has_what_the_daemon_tells(daemon: Daemon, installation: Installation) -> None:
    documented = set(re.findall(r"^## `(\w+)`$", REFERENCE.read_text(), re.MULTILINE))
    assert documented == Metrics(daemon).names()
    assert installation.run("metrics", "--reference").stdout == REFERENCE.read_text()


def test_the_command_prints_the_same(daemon: Daemon, installation: Installation) -> None:
    result = installation.run("metrics", "--host", daemon.url)
    assert (result.returncode, result.stderr) == (0, "")
    lines = [line for line in result.stdout.splitlines() if line.startswith("# ")]
    assert lines == [line for line in Metrics(daemon).text.splitlines() if line.startswith("# ")]


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer(daemon: Daemon, stream: bool) -> None:
    body = {"model": "tiny", "messages": user("Say hello."), "stream": stream, "options": {"num_predict": 8}}
    with Change(daemon) as change:
        last = ndjson(daemon.post("/api/chat", body).text.splitlines())[-1]
    assert change.of("sarai_request_duration_seconds_count", operation="generation", outcome="answered", **LOCAL) == 1
    assert change.of("sarai_attempts_total", outcome="answered", **LOCAL) == 1
    assert change.of("sarai_generated_tokens_total", **LOCAL) == last["eval_count"]
    assert change.of("sarai_prompt_tokens_total", **LOCAL) == last["prompt_eval_count"]
    assert change.of("sarai_time_to_first_token_seconds_count", **LOCAL) == 1
    assert 0 < change.of("sarai_inter_token_seconds_count", **LOCAL) < last["eval_count"]
    assert change.of("sarai_queue_wait_seconds_count", model="tiny") == 1
    assert change.of("sarai_retries_total") == 0
    took = change.of("sarai_request_duration_seconds_sum", **LOCAL)
    assert 0 < change.of("sarai_time_to_first_token_seconds_sum", **LOCAL) <= took


def test_an_http_request(daemon: Daemon) -> None:
    name = "sarai_http_request_duration_seconds_count"
    expected = [
        {"method": "GET", "route": "/api/version", "status": "200"},
        {"method": "GET", "route": "none", "status": "404"},
        {"method": "other", "route": "none", "status": "404"},
    ]
    before = Metrics(daemon)
    assert daemon.http.get("/api/version").status_code == 200
    assert daemon.http.get("/api/nothing/here").status_code == 404
    assert daemon.http.request("PROPFIND", "/api/version").status_code == 404

    def grown() -> bool:
        after = Metrics(daemon)
        assert "/api/nothing" not in after.text
        return [after.sum(name, **labels) - before.sum(name, **labels) for labels in expected] == [1, 1, 1]

    # A client has its answer a moment before it is counted.
    wait_until(grown, "all three are counted")


def test_a_failover(daemon: Daemon, server: Upstream) -> None:
    remote = f"twin/ollama_http@{server.authority}"
    ways = {"model": "twin", "from": remote, "to": "twin/gguf_native"}
    with Change(daemon) as change:
        said(chat(daemon, "twin"))
        said(chat(daemon, "twin"))
    assert change.of("sarai_failovers_total", reason="connection lost", **ways) == 2
    assert change.of("sarai_failovers_total", **ways) == 2
    assert change.of("sarai_retries_total", model="twin") == 2
    assert change.of("sarai_attempts_total", target=remote, outcome="connection lost") == 2
    assert change.of("sarai_attempts_total", target="twin/gguf_native", outcome="answered") == 2
    assert change.of("sarai_request_duration_seconds_count", target="twin/gguf_native", outcome="answered") == 2
    assert change.of("sarai_request_duration_seconds_count", model="twin") == 2, "one request, however many attempts"
    assert change.of("sarai_ejections_total", target=remote) >= 1
    states = {sample.labels["state"] for sample in change.after.all("sarai_breaker_state", target=remote)}
    assert states == {"closed", "open", "half_open", "recovering"}
    assert change.after.sum("sarai_breaker_state", target=remote) == 1
    assert change.after.all("sarai_breaker_state", target="twin/gguf_native") == []


def test_what_may_go_wrong_is_counted_from_zero(installation: Installation, server: Upstream) -> None:
    """Prometheus sees a series grow, but not begin: the first of a kind must not be the beginning of its series."""
    model = TINY | {"backend": "ollama_http", "model": "m", "servers": [server.url], "fallback": "gguf_native"}

    def zeros(metrics: Metrics, model: str) -> None:
        local = {"model": model, "target": f"{model}/gguf_native"}
        ways = {"model": model, "from": f"{model}/ollama_http@{server.authority}", "to": local["target"]}
        for cause in ("memory", "other"):
            assert metrics.one("sarai_worker_deaths_total", cause=cause, **local) == 0
        assert metrics.one("sarai_load_failures_total", **local) == 0
        assert metrics.one("sarai_evictions_total", **local, **{"for": ""}) == 0
        assert metrics.one("sarai_failovers_total", reason="connection lost", **ways) == 0
        assert metrics.one("sarai_failovers_total", reason="server error", **ways) == 0
        assert metrics.one("sarai_ejections_total", model=model) == 0

    with Daemon(installation, {"models": {"twin": model}}) as daemon:
        zeros(Metrics(daemon), "twin")
        reload(daemon, {"twin": model, "late": model})
        metrics = Metrics(daemon)
        zeros(metrics, "late")
        pair = {"model": "twin", "for": "late"}
        assert metrics.one("sarai_evictions_total", **pair) == 0


def test_a_worker(daemon: Daemon) -> None:
    state = {"state": "ready"} | LOCAL
    daemon.unload("tiny")
    with Change(daemon) as change:
        pid = daemon.load("tiny")
        os.kill(pid, signal.SIGKILL)
        daemon.wait_for("tiny", lambda model: model["pid"] is None, "its end is noticed")
        said(chat(daemon, "tiny"))
        assert Metrics(daemon).one("sarai_target_state", **state) == 1
        daemon.unload("tiny")
        unloads = change.before.sum("sarai_unloads_total", **LOCAL)
        wait_until(lambda: Metrics(daemon).sum("sarai_unloads_total", **LOCAL) > unloads, "the unload is counted")
    assert change.of("sarai_worker_starts_total", **LOCAL) == 2
    assert change.of("sarai_load_duration_seconds_count", **LOCAL) == 2
    assert change.of("sarai_worker_deaths_total", cause="other", **LOCAL) == 1
    assert change.of("sarai_unloads_total", **LOCAL) == 1
    assert change.of("sarai_events_total", kind="killed") == 1
    assert change.after.one("sarai_target_state", **state) == 0
    assert change.after.sum("sarai_target_state", **LOCAL) == 1


def test_memory(daemon: Daemon) -> None:
    daemon.load("tiny")
    metrics, state = Metrics(daemon), daemon.state()
    model = next(model for model in state["models"] if model["name"] == "tiny")
    assert metrics.one("sarai_memory_budget_bytes") == state["budget_bytes"]
    assert metrics.one("sarai_memory_reserved_bytes") == state["reserved_bytes"]
    assert metrics.one("sarai_memory_free_bytes") == state["budget_bytes"] - state["reserved_bytes"]
    assert metrics.sum("sarai_memory_predicted_bytes", model="tiny") == model["predicted_bytes"]
    for kind, size in model["measured_kinds"].items():
        assert metrics.one("sarai_memory_measured_bytes", model="tiny", kind=kind) == size
    assert metrics.one("sarai_memory_pressure", level=state["pressure"]) == 1


def test_a_pipeline_and_the_router(daemon: Daemon) -> None:
    with Change(daemon) as change:
        said(chat(daemon, "sarai:twice"))
        assert daemon.post("/api/pool/route", {"text": "hello"}).status_code == 200
    name = "sarai_pipeline_step_duration_seconds_count"
    assert change.of(name, pipeline="twice", step="thought", outcome="done") == 1
    assert change.of(name, pipeline="twice", step="answer", outcome="done") == 1
    assert change.of("sarai_pipeline_duration_seconds_count", pipeline="twice", outcome="answered") == 1
    assert change.of("sarai_router_decision_duration_seconds_count", outcome="unavailable") == 1, "no embedding model"


def test_what_clients_think_of_makes_no_series(daemon: Daemon) -> None:
    with Change(daemon) as change:
        for number in range(3):
            assert chat(daemon, f"nobody-{number}").status_code == 404
            assert chat(daemon, f"sarai:nothing-{number}").status_code == 404
    assert change.of("sarai_request_duration_seconds_count", model="unknown", outcome="model_not_found") == 3
    assert change.of("sarai_pipeline_duration_seconds_count", pipeline="unknown", outcome="model_not_found") == 3
    assert "nobody-" not in change.after.text
    assert "nothing-" not in change.after.text


def test_the_process(daemon: Daemon) -> None:
    assert daemon.process
    metrics = Metrics(daemon)
    assert metrics.one("process_resident_memory_bytes") >= proportional_bytes(daemon.process.pid) / 2
    assert 0 < metrics.one("process_open_fds") <= metrics.one("process_max_fds")
    assert metrics.one("process_cpu_seconds_total") > 0
    assert time.time() - 3600 < metrics.one("process_start_time_seconds") <= time.time()
    assert metrics.one("sarai_build_info", version=daemon.http.get("/api/version").json()["version"]) == 1


def queries(dashboard: Path) -> list[str]:
    """Every query of a Grafana dashboard."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            found.extend(value[key] for key in ("expr", "query") if isinstance(value.get(key), str))
            for member in value.values():
                walk(member)
        elif isinstance(value, list):
            for member in value:
                walk(member)

    walk(json.loads(dashboard.read_text()))
    return [query for query in found if query != "prometheus"]


def documented_labels() -> dict[str, set[str]]:
    """The labels of each metric, as the reference has them."""
    sections = re.findall(r"^## `(\w+)`$(.*?)(?=^## |\Z)", REFERENCE.read_text(), re.MULTILINE | re.DOTALL)
    assert sections
    return {
        name: set(re.findall(r"`(\w+)`", text.partition(", labels ")[2].partition(";")[0])) for name, text in sections
    }


def test_the_dashboard_asks_for_what_there_is(daemon: Daemon) -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    told, labels = Metrics(daemon).names(), documented_labels()
    asked = set()
    for query in queries(DASHBOARD):
        names = re.findall(r"\b(?:sarai|process)_\w+", query)
        assert names, query
        families = {name if name in told else re.sub(r"_(bucket|sum|count)$", "", name) for name in names}
        assert families <= told, query
        asked |= families
        used = set(re.findall(r"(\w+)(?:=|!=|=~|!~)\"", query))
        used |= {label for group in re.findall(r"by \(([^)]*)\)", query) for label in group.split(", ")}
        known = {"job", "instance", "le"}.union(*(labels[family] for family in families))
        assert used <= known, (query, used - known)
    assert len(asked) >= 25
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert dashboard["schemaVersion"] >= 41
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in panels)
    assert all(panel["title"] and panel["targets"] for panel in panels)
