"""What `sarai doctor` says of memory, and of every target."""

import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.asking import chat, said
from support.daemon import Daemon, free_port
from support.installation import E5_SMALL, SMOLLM2, TINY_LLM, Installation
from support.upstream import Exchange, Upstream, breaks


def answer(installation: Installation, status: int, *arguments: str) -> dict[str, Any]:
    """What a command says for programs."""
    result = installation.run(*arguments, "--json")
    assert (result.returncode, result.stderr) == (status, "")
    return json.loads(result.stdout)


def test_the_first_way_out_is_told(installation: Installation, tmp_path: Path) -> None:
    config = tmp_path / "sarai.yaml"
    models = {
        name: {"backend": "gguf_native", "gguf": gguf, "context_length": 1792}
        for name, gguf in (("lfm2", SMOLLM2), ("tiny", TINY_LLM))
    }
    for budget, fits in (("1GiB", True), ("150MiB", False)):
        config.write_text(json.dumps({"models": models, "memory": {"max_ram_gb": budget}}))
        plan = answer(installation, 0 if fits else 1, "plan", "--config", str(config))
        assert plan["fits"] is fits
        checks = answer(installation, 0 if fits else 1, "doctor", "--config", str(config))["checks"]
        [check] = [check for check in checks if check["name"] == "memory plan"]
        assert check["status"] == ("ok" if fits else "fail")
        if fits:
            # The figures are the plan's, from what the engine has told.
            left = f"{plan['headroom_bytes'] / 2**20:.0f} MiB left"
            assert left in check["message"]
        else:
            assert check["message"] == "\n".join(plan["messages"])
            assert check["advice"].startswith(f"{plan['ways_out'][0]['text']}. ")


# --- The router


def router_check(installation: Installation, *arguments: str) -> dict[str, Any]:
    """What doctor says of the router."""
    result = installation.run("doctor", "--json", *arguments)
    [check] = [check for check in json.loads(result.stdout)["checks"] if check["name"] == "router"]
    return check


@pytest.mark.parametrize(("gguf", "status"), [(E5_SMALL, "ok"), (SMOLLM2, "warn"), (None, "ok")])
def test_without_a_daemon_names_tell_whether_the_router_works(
    installation: Installation, tmp_path: Path, gguf: str | None, status: str
) -> None:
    config = tmp_path / "sarai.yaml"
    models = {"tiny": {"backend": "gguf_native", "gguf": TINY_LLM}}
    if gguf:
        models["vectors"] = {"backend": "gguf_native", "gguf": gguf, "role": "embedding"}
    config.write_text(json.dumps({"models": models}))
    check = router_check(installation, "--config", str(config), "--host", f"127.0.0.1:{free_port()}")
    assert check["status"] == status, check
    assert ("is off" in check["message"]) == (gguf is None)
    assert ("make train-router" in check.get("advice", "")) == (status == "warn")


def vectors(exchange: Exchange) -> None:
    """A server whose vectors are not those of the model that the router was trained on."""
    document = {"model": "m", "embeddings": [[1.0, 0.0, 0.0]], "total_duration": 1, "prompt_eval_count": 1}
    exchange.answer(200, json.dumps(document).encode())


def test_a_daemon_knows_better_than_names(installation: Installation) -> None:
    with (
        Upstream(vectors) as server,
        Daemon(installation, {"models": {"far": remote(server.url, role="embedding")}}) as daemon,
    ):
        daemon.wait_for("far", lambda model: model["state"] == "ready", "its server is well")
        check = router_check(installation, "--config", str(daemon.config_path), "--host", daemon.url)
    assert check["status"] == "warn", check
    assert "is not what the router was trained on" in check["message"]
    assert "make train-router" in check["advice"]


# --- Targets


class Guarded(Exchange):
    """A server that lets nobody in without a key."""

    def do_GET(self) -> None:
        if self.headers["Authorization"] == "Bearer right":
            super().do_GET()
        else:
            self.answer(401, b'{"error": "who are you?"}')


@pytest.fixture
def server() -> Iterator[Upstream]:
    """A server that is well, and has the model 'm'."""
    with Upstream(breaks) as server:
        yield server


@pytest.fixture
def hole() -> Iterator[int]:
    """A port that answers no SYN: a queue of connections that is full."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def remote(url: str, backend: str = "ollama_http", **more: Any) -> dict[str, Any]:
    """A model on one server."""
    return {"backend": backend, "servers": [url], "model": "m"} | more


def targets(
    installation: Installation, folder: Path, models: dict[str, Any], status: int, *arguments: str, **variables: str
) -> dict[str, dict[str, Any]]:
    """The checks of targets, by the targets' ids."""
    config = folder / "sarai.yaml"
    config.write_text(json.dumps({"models": models, "timeouts": {"connect": "300ms"}}))
    result = installation.run("doctor", "--json", "--config", str(config), *arguments, variables=variables)
    assert (result.returncode, result.stderr) == (status, "")
    checks = json.loads(result.stdout)["checks"]
    return {check["target"]["id"]: check for check in checks if "target" in check}


def test_a_server_that_is_well(installation: Installation, server: Upstream, tmp_path: Path) -> None:
    models = {"far": remote(server.url), "other": remote(server.url, "openai_http")}
    found = targets(installation, tmp_path, models, 0, "--host", f"127.0.0.1:{free_port()}")
    assert found.keys() == {f"far/ollama_http@{server.authority}", f"other/openai_http@{server.authority}"}
    for check in found.values():
        facts = check["target"]
        assert check["status"] == "ok"
        assert "advice" not in check
        assert facts["is_sound"] is True
        assert 0 < facts["connect_seconds"] < 5
        assert 0 < facts["first_byte_seconds"] < 5
        assert "Connects in " in check["message"]
        assert "state" not in facts, "no daemon runs that could say"


@pytest.mark.parametrize(
    ("settings", "fault", "advice"),
    [
        ({}, "refused", "Start it with 'ollama serve'"),
        ({"backend": "openai_http"}, "refused", "Start the server, or correct the port"),
        ({"servers": ["http://nobody.invalid:11434"]}, "no address", "does not know the name 'nobody.invalid'"),
    ],
)
def test_a_server_that_is_not_there(
    installation: Installation, tmp_path: Path, settings: dict[str, Any], fault: str, advice: str
) -> None:
    models = {"far": remote(f"http://127.0.0.1:{free_port()}") | settings}
    [check] = targets(installation, tmp_path, models, 1).values()
    assert (check["name"], check["status"]) == ("server of far", "fail")
    assert fault in check["message"]
    assert check["target"]["is_sound"] is False
    assert "connect_seconds" not in check["target"]
    assert advice in check["advice"]


def test_a_server_that_nobody_reaches(installation: Installation, hole: int, tmp_path: Path) -> None:
    [check] = targets(installation, tmp_path, {"far": remote(f"http://127.0.0.1:{hole}")}, 1).values()
    assert "no connection within the connect timeout" in check["message"]
    assert "firewall" in check["advice"]


def test_a_server_without_the_model(installation: Installation, server: Upstream, tmp_path: Path) -> None:
    models = {"far": remote(server.url, model="gemma3:4b"), "other": remote(server.url, "openai_http", model="n")}
    far, other = targets(installation, tmp_path, models, 1).values()
    assert "has no model 'gemma3:4b'" in far["message"]
    assert "Run 'ollama pull gemma3:4b' there" in far["advice"]
    assert "It has 'm:latest'." in far["advice"]
    assert "Start the server with that model" in other["advice"]
    assert 0 < other["target"]["connect_seconds"] < 5


def test_a_server_that_wants_a_key(installation: Installation, server: Upstream, tmp_path: Path) -> None:
    server.RequestHandlerClass = Guarded
    models = {name: remote(server.url) | key for name, key in KEYS.items()}
    found = targets(installation, tmp_path, models, 1)
    advice = {target.split("/")[0]: check.get("advice", "") for target, check in found.items()}
    assert "api_key: ${NAME}" in advice["none"]
    assert "does not accept the key" in advice["wrong"]
    assert advice["right"] == ""


KEYS: dict[str, dict[str, str]] = {"none": {}, "wrong": {"api_key": "wrong"}, "right": {"api_key": "right"}}


def test_a_server_of_another_kind(installation: Installation, tmp_path: Path) -> None:
    class Website(Exchange):
        def do_GET(self) -> None:
            self.answer(200, b"<html>welcome</html>", "text/html")

    with Upstream(breaks) as website:
        website.RequestHandlerClass = Website
        [check] = targets(installation, tmp_path, {"far": remote(website.url)}, 1).values()
    assert "correct 'backend', or the port in 'servers'" in check["advice"]


def test_who_stands_in(installation: Installation, server: Upstream, tmp_path: Path) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    models = {
        "two": remote(away) | {"servers": [away, server.url]},
        "file": remote(away) | {"fallback": "gguf_native", "gguf": TINY_LLM},
    }
    two, other, file, twin = targets(installation, tmp_path, models, 0).values()
    assert [two["status"], other["status"], file["status"], twin["status"]] == ["warn", "ok", "warn", "ok"]
    assert f"Meanwhile {server.url} answers." in two["advice"]
    assert "Meanwhile the file on this machine answers." in file["advice"]


def test_a_file_that_is_cut_short(installation: Installation, tmp_path: Path) -> None:
    short = tmp_path / "short.gguf"
    short.write_bytes((installation.home / TINY_LLM).read_bytes()[:-4096])
    models = {
        "short": {"backend": "gguf_native", "gguf": str(short)},
        "none": {"backend": "gguf_native", "gguf": str(tmp_path / "none.gguf")},
    }
    cut, missing = targets(installation, tmp_path, models, 1).values()
    assert "truncated" in cut["message"]
    assert "No such file" in missing["message"]
    for check in (cut, missing):
        assert check["status"] == "fail"
        assert check["target"]["fault"] == check["message"]
        assert check["advice"].startswith("Put the whole file there, or correct models.")


@pytest.fixture
def pool(installation: Installation, server: Upstream) -> Iterator[tuple[Daemon, str]]:
    """A daemon with a server that is away, one that is well, and a file; and the address of the former."""
    away = f"http://127.0.0.1:{free_port()}"
    models = {
        "far": remote(away) | {"servers": [away, server.url]},
        "tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512, "threads": 1},
    }
    config = {"models": models, "timeouts": {"health_interval": "200ms"}, "failover": {"max_ejection": "1s"}}
    with Daemon(installation, config) as daemon:
        yield daemon, away.removeprefix("http://")


@pytest.fixture
def doctor(installation: Installation, pool: tuple[Daemon, str]) -> Callable[[], dict[str, dict[str, Any]]]:
    """Examines the daemon; all that is wrong with it is stood in for."""
    daemon, _ = pool
    return lambda: {
        check["target"]["id"]: check
        for check in answer(installation, 0, "doctor", "--config", str(daemon.config_path), "--host", daemon.url)[
            "checks"
        ]
        if "target" in check
    }


def test_what_a_daemon_says_of_servers(
    pool: tuple[Daemon, str], server: Upstream, doctor: Callable[[], dict[str, dict[str, Any]]]
) -> None:
    daemon, away = pool
    daemon.wait_for("far", lambda model: model["targets"][0]["server"]["breaker"] == "open", "the server is ejected")
    found = doctor()
    dead, well = found[f"far/ollama_http@{away}"], found[f"far/ollama_http@{server.authority}"]
    facts = dead["target"]
    assert (facts["state"], facts["breaker"], dead["status"]) == ("failed", "open", "warn")
    assert facts["ejections"] >= 1
    assert 0 < facts["since_seconds"] < 60
    assert 0 <= facts["last_error_ago_seconds"] < 60
    assert "refused" in facts["last_error"]
    assert "The daemon has left it alone for " in dead["message"]
    assert (well["target"]["state"], well["target"]["breaker"], well["status"]) == ("ready", "closed", "ok")
    assert well["target"]["connect_seconds"] > 0
    assert "0 of 4 slots busy" in well["message"]


def test_what_a_daemon_says_of_workers(
    pool: tuple[Daemon, str], doctor: Callable[[], dict[str, dict[str, Any]]]
) -> None:
    daemon, _ = pool
    name = "tiny/gguf_native"
    asleep = doctor()[name]
    assert (asleep["target"]["state"], asleep["status"]) == ("unloaded", "ok")
    assert "Not loaded; the first request loads it." in asleep["message"]
    pid = daemon.load("tiny")
    awake = doctor()[name]
    assert (awake["target"]["state"], awake["target"]["pid"], awake["target"]["failures"]) == ("ready", pid, 0)
    assert 0 <= awake["target"]["since_seconds"] < 60
    assert f"process {pid}, 0 of 1 slots busy" in awake["message"]
    os.kill(pid, signal.SIGSEGV)
    daemon.wait_for("tiny", lambda model: model["pid"] != pid, "the worker is gone")
    assert said(chat(daemon, "tiny")) is not None
    again = doctor()[name]
    assert again["status"] == "warn"
    assert again["target"]["failures"] == 1
    assert "SIGSEGV" in again["target"]["last_error"]
    assert "It failed once, " in again["message"]
    log = Path(again["target"]["log"])
    assert log.name.endswith("tiny.log.1")
    assert log.stat().st_size > 0, "the log of the run that failed"
    daemon.unload("tiny")


def test_a_worker_that_cannot_start(installation: Installation, pool: tuple[Daemon, str], tmp_path: Path) -> None:
    engine = tmp_path / "llama-server"
    engine.write_text("#!/bin/sh\necho 'this machine is no good' >&2\nexit 3\n")
    engine.chmod(0o755)
    models = {"tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512}}
    with Daemon(installation, {"models": models}, {"SARAI_LLAMA_SERVER": str(engine)}) as daemon:
        daemon.post("/api/pool/load", {"model": "tiny", "local": True})
        daemon.wait_for("tiny", lambda model: model["state"] == "failed", "it is given up")
        arguments = ["--config", str(daemon.config_path), "--host", daemon.url]
        check = next(c for c in answer(installation, 1, "doctor", *arguments)["checks"] if "target" in c)
        assert check["status"] == "fail"
        assert "status 3" in check["target"]["reason"]
        assert "Down for " in check["message"]
        assert Path(check["target"]["log"]).read_text().strip() == "this machine is no good"
        assert "'sarai load tiny' starts it again" in check["advice"]


def test_a_daemon_with_another_configuration(
    installation: Installation, pool: tuple[Daemon, str], server: Upstream, tmp_path: Path
) -> None:
    daemon, _ = pool
    [check] = targets(installation, tmp_path, {"new": remote(server.url)}, 0, "--host", daemon.url).values()
    assert check["status"] == "warn"
    assert "another configuration" in check["message"]
    assert "sarai reload" in check["advice"]


def test_the_text_is_for_people(installation: Installation, pool: tuple[Daemon, str]) -> None:
    daemon, away = pool
    daemon.wait_for("far", lambda model: model["targets"][0]["server"]["breaker"] == "open", "the server is ejected")
    result = installation.run("doctor", "--config", str(daemon.config_path), "--host", daemon.url)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    place = next(number for number, line in enumerate(lines) if f"http://{away}" in line)
    assert lines[place].startswith("warn  server of far")
    # What follows stays in the message's column.
    column = lines[place].index("http://")
    assert lines[place + 1][:column].isspace()
    advice = next(line for line in lines[place:] if "→" in line)
    assert advice.index("→") == column
    assert "ollama serve" in advice
