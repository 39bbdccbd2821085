"""A configuration that changes while the daemon runs."""

import json
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from support.asking import chat, error_text, said
from support.configuring import ask_to_reload, changes, reload, write
from support.daemon import Daemon
from support.installation import SMOLLM2, TINY_LLM, Installation
from support.processes import command_line, is_alive
from support.streams import talking
from support.upstream import Exchange, Upstream, hangs, piece, stalls
from support.waiting import wait_until


def model(gguf: str, **more: Any) -> dict[str, Any]:
    """A model of one slot on this machine."""
    sizes = {"context_length": 512, "min_context_length": 256, "threads": 1, "slots": 1}
    return {"backend": "gguf_native", "gguf": gguf} | sizes | more


ONE = {"one": model(SMOLLM2)}
TINY = {"tiny": model(TINY_LLM)}
BUDGET = {"memory": {"max_ram_gb": 2}}


@pytest.fixture
def sarai(installation: Installation) -> Iterator[Daemon]:
    """A daemon with a file of its own."""
    with Daemon(installation, {"models": ONE | TINY} | BUDGET) as daemon:
        yield daemon


def events(daemon: Daemon, kind: str) -> list[dict[str, Any]]:
    """The events of a kind until now."""
    lines = daemon.http.get("/api/pool/events?after=0&follow=false").text.splitlines()
    found = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    return [event for event in found if event["kind"] == kind]


def names(daemon: Daemon) -> list[str]:
    """The models that clients are told of, without the pipelines."""
    listed = [model["id"] for model in daemon.http.get("/v1/models").json()["data"]]
    tagged = [model["name"].removesuffix(":latest") for model in daemon.http.get("/api/tags").json()["models"]]
    assert listed == tagged
    models = [name for name in listed if not name.startswith("sarai:")]
    assert models == [model["name"] for model in daemon.state()["models"]]
    return models


# --- What changes, and what does not


def test_a_stream_runs_through_reloads_that_change_everything_else(sarai: Daemon) -> None:
    sarai.load("tiny")
    one = sarai.load("one")
    with talking(sarai, "one", tokens=400) as talk:
        report = reload(sarai, {"two": model(SMOLLM2)} | ONE | {"tiny": model(TINY_LLM, context_length=256)}, **BUDGET)
        assert changes(report) == {
            "added": ["two"],
            "changed": [{"model": "tiny", "keys": ["context_length"], "restarts_worker": True}],
        }
        assert said(chat(sarai, "two"))
        report = reload(sarai, ONE | {"two": model(SMOLLM2)}, **BUDGET)
        assert changes(report) == {"removed": ["tiny"], "reordered": True}
        assert names(sarai) == ["one", "two"]
        assert chat(sarai, "tiny").status_code == 404
        report = reload(sarai, ONE, memory={"max_ram_gb": 1}, timeouts={"stall": "20s"})
        assert changes(report) == {"removed": ["two"], "settings": ["memory.max_ram_gb", "timeouts.stall"]}
        talk.finish()
    assert sarai.model("one")["pid"] == one
    wait_until(lambda: sarai.workers() == [one], "the others' workers have ended")
    assert sarai.state()["budget_bytes"] == 1 << 30
    told = [event["changes"] for event in events(sarai, "reloaded")]
    assert told[0] == "added two; changed tiny (context_length, starts again)"
    assert len(told) == 3


def test_the_running_answer_of_a_removed_model_finishes(sarai: Daemon) -> None:
    pid = sarai.load("one")
    with talking(sarai, "one", tokens=200) as talk:
        waiting = Asked(sarai, "one")
        sarai.wait_for("one", lambda model: model["queued"] == 1, "a request waits")
        reload(sarai, TINY, **BUDGET)
        refused = waiting.answer()
        assert refused.status_code == 404
        assert "'one' not found; the configuration has tiny." in error_text(refused)
        assert chat(sarai, "one").status_code == 404
        assert is_alive(pid)
        talk.finish()
    wait_until(lambda: sarai.workers() == [], "its worker has ended")
    assert names(sarai) == ["tiny"]


def test_a_model_that_is_back_before_its_worker_is_gone(sarai: Daemon) -> None:
    pid = sarai.load("one")
    with talking(sarai, "one", tokens=200) as talk:
        reload(sarai, TINY, **BUDGET)
        reload(sarai, TINY | ONE, **BUDGET)
        later = Asked(sarai, "one")
        sarai.wait_for("one", lambda model: model["queued"] == 1, "the request waits for the worker's end")
        talk.finish()
    assert said(later.answer())
    assert sarai.model("one")["pid"] != pid
    assert len(sarai.workers()) == 1


def test_only_the_changed_model_gets_a_new_worker(sarai: Daemon) -> None:
    one, tiny = sarai.load("one"), sarai.load("tiny")
    reload(sarai, ONE | {"tiny": model(TINY_LLM, context_length=256)}, **BUDGET)
    sarai.wait_for("tiny", lambda model: not model.get("pid"), "its worker has ended")
    assert said(chat(sarai, "tiny"))
    assert said(chat(sarai, "one"))
    assert sarai.model("one")["pid"] == one
    new = sarai.model("tiny")["pid"]
    assert new != tiny
    arguments = command_line(new)
    assert arguments[arguments.index("--ctx-size") + 1] == "256"
    report = reload(sarai, ONE | {"tiny": model(TINY_LLM, context_length=256, keep_alive="1h", role="small")}, **BUDGET)
    assert [change["restarts_worker"] for change in report["changed"]] == [False]
    assert (sarai.model("one")["pid"], sarai.model("tiny")["pid"]) == (one, new)


def test_models_in_another_order_keep_their_workers_and_sockets(sarai: Daemon) -> None:
    one, tiny = sarai.load("one"), sarai.load("tiny")
    reload(sarai, {"third": model(TINY_LLM)} | TINY | ONE, **BUDGET)
    assert names(sarai) == ["third", "tiny", "one"]
    sarai.load("third")
    for name, pid in (("one", one), ("tiny", tiny)):
        assert said(chat(sarai, name))
        assert sarai.model(name)["pid"] == pid
    sockets = {command_line(pid)[command_line(pid).index("--host") + 1] for pid in sarai.workers()}
    assert len(sockets) == 3


def test_a_resident_model_comes_back_by_itself(sarai: Daemon) -> None:
    resident = {"one": model(SMOLLM2, resident=True)}
    reload(sarai, resident, **BUDGET)
    sarai.wait_until_ready()
    before = sarai.model("one")["pid"]
    reload(sarai, {"one": model(SMOLLM2, resident=True, context_length=256)}, **BUDGET)
    wait_until(lambda: sarai.model("one").get("pid") not in (None, before), "a new worker is there")
    sarai.wait_until_ready()


def test_a_smaller_budget_unloads_what_is_idle(sarai: Daemon) -> None:
    sarai.load("one")
    sarai.load("tiny")
    less = sarai.state()["reserved_bytes"] - (1 << 20)
    reload(sarai, ONE | TINY, memory={"max_ram_gb": f"{less}B"})
    wait_until(lambda: sarai.state()["reserved_bytes"] <= less, "one of them makes room")
    assert sarai.state()["budget_bytes"] == less
    assert len(sarai.workers()) == 1


# --- Servers


def answers(exchange: Exchange) -> None:
    """Says a word."""
    exchange.begin()
    exchange.say(piece("Hello"), piece("") | {"done": True, "done_reason": "stop"})
    exchange.end()


def served(*upstreams: Upstream, **more: Any) -> dict[str, Any]:
    """A model on servers of the network."""
    return {"backend": "ollama_http", "model": "m", "servers": [upstream.url for upstream in upstreams]} | more


def test_servers_come_and_go_and_the_others_keep_their_health(sarai: Daemon) -> None:
    with Upstream(answers) as first, Upstream(answers) as second, Upstream(hangs) as gone:
        gone.server_close()
        reload(sarai, {"far": served(first), "dead": served(gone)}, **BUDGET)
        assert said(chat(sarai, "far")) == "Hello"
        ejected = sarai.wait_for("dead", lambda model: model["state"] == "failed" and model["targets"][0], "is ejected")
        reload(sarai, {"far": served(second), "dead": served(gone), "more": served(first, capacity=3)}, **BUDGET)
        assert [target["id"] for target in sarai.model("far")["targets"]] == [f"far/ollama_http@{second.authority}"]
        assert said(chat(sarai, "far")) == said(chat(sarai, "more")) == "Hello"
        assert len(first.requests) == 2 and len(second.requests) == 1
        after = sarai.model("dead")["targets"][0]
        assert after["state"] == "failed"
        assert after["server"]["last_error"] == ejected["server"]["last_error"]
        assert "more" in names(sarai)


def test_new_time_limits_hold_for_servers_and_for_workers_that_run(sarai: Daemon) -> None:
    with Upstream(stalls) as upstream:
        reload(sarai, ONE | {"far": served(upstream)}, **BUDGET)
        pid = sarai.load("one")
        reload(sarai, ONE | {"far": served(upstream)}, timeouts={"stall": "0.3s", "first_token": "0.001s"}, **BUDGET)
        slow = chat(sarai, "one", text="Tell me more. " * 60)
        assert slow.status_code == 503, slow.text
        reload(sarai, ONE | {"far": served(upstream)}, timeouts={"stall": "0.3s"}, **BUDGET)
        broken = chat(sarai, "far")
        assert broken.status_code in (502, 503), broken.text
        assert said(chat(sarai, "one"))
        assert is_alive(pid)


def test_a_queue_gets_longer(sarai: Daemon) -> None:
    reload(sarai, ONE, server={"max_queue": 1}, **BUDGET)
    sarai.load("one")
    with talking(sarai, "one", tokens=400) as talk:
        waiting = [Asked(sarai, "one")]
        sarai.wait_for("one", lambda model: model["queued"] == 1, "a request waits")
        assert chat(sarai, "one").status_code == 503
        reload(sarai, ONE, server={"max_queue": 5}, **BUDGET)
        waiting.append(Asked(sarai, "one"))
        sarai.wait_for("one", lambda model: model["queued"] == 2, "another waits")
        talk.finish()
    assert all(said(request.answer()) for request in waiting)


# --- Ways to ask for it


def test_a_hangup_signal_reloads(sarai: Daemon) -> None:
    write(sarai, ONE | {"two": model(TINY_LLM)}, **BUDGET)
    sarai.send(signal.SIGHUP)
    wait_until(lambda: len(events(sarai, "reloaded")) == 1, "the file is read")
    assert names(sarai) == ["one", "two"]
    assert said(chat(sarai, "two"))
    sarai.config_path.write_text("models: [")
    sarai.send(signal.SIGHUP)
    wait_until(lambda: "configuration not reloaded" in sarai.log(), "the log says what is wrong")
    assert f"{sarai.config_path}:2:1: this is not valid YAML" in sarai.log()
    assert names(sarai) == ["one", "two"]
    write(sarai, ONE, **BUDGET)
    sarai.send(signal.SIGHUP)
    wait_until(lambda: len(events(sarai, "reloaded")) == 2, "a later signal works as well")
    assert names(sarai) == ["one"]


BAD = """models:
  one: {backend: gguf_native, gguf: x.gguf, contxt_length: 1}
  two: {backend: gguf_native}
memory: {max_ram_gb: -1}
"""


def test_a_bad_file_changes_nothing_and_everything_wrong_is_told(sarai: Daemon) -> None:
    pid = sarai.load("one")
    before = names(sarai), sarai.state()["budget_bytes"]
    with talking(sarai, "one", tokens=200) as talk:
        sarai.config_path.write_text(BAD)
        answer = ask_to_reload(sarai)
        assert answer.status_code == 422
        found = {(item["code"], item["key"], item["line"]) for item in answer.json()["problems"]}
        assert {("unknown_key", "models.one.contxt_length", 2), ("missing_key", "models.two.gguf", 3)} <= found
        assert any(key == "memory.max_ram_gb" and line == 4 for _, key, line in found)
        for item in answer.json()["problems"]:
            assert item["file"] == str(sarai.config_path)
            assert item["column"] > 0
            assert item["message"] in error_text(answer)
        assert ask_to_reload(sarai, dry_run=True).status_code == 422
        sarai.config_path.unlink()
        gone = ask_to_reload(sarai)
        assert (gone.status_code, gone.json()["problems"][0]["code"]) == (422, "file_missing")
        talk.finish()
    assert (names(sarai), sarai.state()["budget_bytes"]) == before
    assert sarai.model("one")["pid"] == pid
    assert said(chat(sarai, "one"))
    assert events(sarai, "reloaded") == []


def test_a_dry_run_changes_nothing(sarai: Daemon) -> None:
    write(sarai, {"one": model(SMOLLM2, slots=2)}, server={"listen": "127.0.0.1:1"}, memory={"max_ram_gb": 1})
    report = ask_to_reload(sarai, dry_run=True).json()
    assert report["dry_run"] is True
    assert changes(report)["removed"] == ["tiny"]
    assert names(sarai) == ["one", "tiny"]
    assert sarai.state()["budget_bytes"] == 2 << 30
    real = ask_to_reload(sarai).json()
    assert (real["dry_run"], changes(real)) == (False, changes(report))
    assert names(sarai) == ["one"]


def test_what_needs_a_restart_is_said_every_time(sarai: Daemon) -> None:
    for _ in range(2):
        report = reload(sarai, ONE | TINY, server={"max_body": "1MiB"}, timeouts={"drain": "7s"}, **BUDGET)
        expected = ["server.max_body", "timeouts.drain"]
        assert changes(report) == {"settings": expected, "needs_restart": expected}
    assert said(chat(sarai, "tiny"))


def test_variables_and_flags_hold_as_at_the_start(installation: Installation) -> None:
    with Upstream(answers) as first, Upstream(answers) as second:
        far = {"far": {"backend": "ollama_http", "model": "m", "servers": ["${FIRST}"]}}
        daemon = Daemon(installation, {"models": far, "server": {"listen": "127.0.0.1:1"}}, {"MAX_RAM_GB": "1"})
        (daemon.folder / ".env").write_text(f"FIRST={first.url}\n")
        with daemon:
            assert said(chat(daemon, "far")) == "Hello"
            (daemon.folder / ".env").write_text(f"FIRST={second.url}\n")
            report = ask_to_reload(daemon).json()
            assert changes(report) == {"changed": [{"model": "far", "keys": ["servers"], "restarts_worker": False}]}
            assert said(chat(daemon, "far")) == "Hello"
            assert len(first.requests) == len(second.requests) == 1
            assert daemon.state()["budget_bytes"] == 1 << 30, "the environment still beats the file"


def test_many_reloads_at_once_come_one_after_the_other(sarai: Daemon) -> None:
    sarai.load("one")
    with talking(sarai, "one", tokens=300) as talk:
        for number in range(10):
            write(sarai, ONE | {f"m{number}": model(TINY_LLM)}, **BUDGET)
            sarai.send(signal.SIGHUP)
            assert ask_to_reload(sarai).status_code == 200
        talk.finish()
    assert names(sarai) == ["one", "m9"]
    assert said(chat(sarai, "m9"))


# --- sarai reload


def command(daemon: Daemon, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command against a daemon."""
    return daemon.installation.run("reload", "--host", daemon.url, *arguments)


def test_the_command_says_what_changed(sarai: Daemon) -> None:
    unchanged = command(sarai)
    assert (unchanged.returncode, unchanged.stderr) == (0, "")
    assert unchanged.stdout.endswith("sarai.yaml: nothing has changed\n")
    write(
        sarai,
        {"one": model(SMOLLM2, context_length=256), "two": model("missing.gguf")},
        server={"max_body": "1MiB"},
        memory={"max_ram_gb": 1},
    )
    dry = command(sarai, "--dry-run")
    assert "sarai.yaml: would change" in dry.stdout
    assert names(sarai) == ["one", "tiny"]
    result = command(sarai)
    assert (result.returncode, result.stderr) == (0, "")
    for line in (
        r"Warning: models\.two\.gguf: there is no .*missing\.gguf; put it there or correct the path",
        r".*sarai\.yaml: reloaded",
        r"  \+ two +added",
        r"  - tiny +removed; its running answers finish",
        r"  ~ one +context_length: its worker starts again after its running answers",
        r"  ~ memory\.max_ram_gb",
        r"  ~ server\.max_body +takes effect when the daemon is restarted",
    ):
        assert re.search(rf"^{line}$", result.stdout, re.MULTILINE), (line, result.stdout)
    assert names(sarai) == ["one", "two"]


def test_the_command_prints_json(sarai: Daemon) -> None:
    write(sarai, ONE, **BUDGET)
    result = command(sarai, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    assert changes(json.loads(result.stdout)) == {"removed": ["tiny"]}


def test_the_command_says_what_is_wrong(sarai: Daemon) -> None:
    sarai.config_path.write_text(BAD)
    result = command(sarai)
    assert (result.returncode, result.stdout) == (78, "")
    assert f"{sarai.config_path}:2:" in result.stderr
    assert f"{sarai.config_path}:4:" in result.stderr
    assert "Nothing was changed" in result.stderr
    result = command(sarai, "--json")
    assert (result.returncode, result.stderr) == (78, "")
    assert len(json.loads(result.stdout)["problems"]) >= 3


def test_the_command_without_a_daemon(installation: Installation) -> None:
    result = installation.run("reload", "--host", "127.0.0.1:1")
    assert result.returncode == 69
    assert "sarai serve" in result.stderr


class Asked:
    """A request in a thread of its own."""

    def __init__(self, daemon: Daemon, model: str):
        self.answers: list[Any] = []
        self.thread = threading.Thread(target=lambda: self.answers.append(chat(daemon, model)))
        self.thread.start()

    def answer(self) -> Any:
        """Waits for the answer."""
        self.thread.join()
        return self.answers[0]
