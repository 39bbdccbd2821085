"""`POST /api/pull` and `DELETE /api/delete`, by Ollama's own client and by hand."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import ollama
import pytest
from support.daemon import Daemon
from support.hub import Hub, digest, padded
from support.installation import TINY_LLM, Installation
from support.waiting import TIMEOUT, wait_until

MIB = 1 << 20


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        yield hub


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where configured files are expected, and a SARAI_HOME for those that are not configured."""
    path = Path(tempfile.mkdtemp(prefix="sarai-pull-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def daemon(installation: Installation, hub: Hub, folder: Path) -> Iterator[Daemon]:
    tiny = (installation.home / TINY_LLM).resolve()
    hub.add("ana/tiny", "tiny-Q8_0.gguf", tiny)
    (folder / "engine").symlink_to(installation.home / "engine")
    models = {
        "tiny": {"backend": "gguf_native", "gguf": str(folder / "configured.gguf"), "source": "hf.co/ana/tiny:Q8_0"},
        "here": {"backend": "gguf_native", "gguf": str(tiny)},
        "gone": {"backend": "gguf_native", "gguf": str(folder / "gone.gguf")},
    }
    config = {"models": models, "hub": {"endpoint": hub.url}}
    with Daemon(installation, config, {"SARAI_HOME": str(folder)}) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def client(daemon: Daemon) -> Iterator[ollama.Client]:
    with ollama.Client(host=daemon.url, timeout=TIMEOUT) as client:
        yield client


def test_a_configured_model_is_fetched_and_answers(
    client: ollama.Client, daemon: Daemon, hub: Hub, folder: Path
) -> None:
    with pytest.raises(ollama.ResponseError, match="'sarai pull tiny' fetches it"):
        client.generate("tiny", "Hello")
    lines = list(client.pull("tiny", stream=True))
    [tiny] = [file for (repository, _), file in hub.files.items() if repository == "ana/tiny"]
    assert lines[0].status == "pulling manifest"
    moving = [line for line in lines if line.digest]
    assert {line.digest for line in moving} == {f"sha256:{tiny.sha256}"}
    assert {line.total for line in moving} == {tiny.size}
    assert [line.completed for line in moving] == sorted(line.completed or 0 for line in moving)
    assert "verifying sha256 digest" in [line.status for line in lines]
    assert lines[-1].status == "success"
    assert digest(folder / "configured.gguf") == tiny.sha256
    # It failed to load a moment ago; now it does.
    assert daemon.post("/api/pool/load", {"model": "tiny"}).status_code == 200
    assert client.generate("tiny", "Hello", options={"num_predict": 4}).eval_count
    daemon.unload("tiny")
    assert client.pull("tiny").status == "success"
    assert client.pull("here").status == "success", "its file is there, and nobody says where from"


def test_a_model_that_is_not_configured_comes_and_goes(client: ollama.Client, hub: Hub, folder: Path) -> None:
    path = folder / "models/ana/tiny/tiny-Q8_0.gguf"
    lines = [line.status for line in client.pull("hf.co/ana/tiny", stream=True)]
    assert lines[-1] == "success"
    assert "sarai reload" in lines[-2]
    assert "gguf: models/ana/tiny/tiny-Q8_0.gguf" in lines[-2]
    assert path.exists()
    client.delete("hf.co/ana/tiny:Q8_0")
    assert not path.exists()
    with pytest.raises(ollama.ResponseError) as error:
        client.delete("hf.co/ana/tiny")
    assert error.value.status_code == 404


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("none", 404, "no model 'none'"),
        ("gone", 400, "source: hf.co/ORG/REPO"),
        ("hf.co/ana/none", 404, "no such file"),
        ("hf.co/ana/../tiny", 400, "ORG and REPO"),
        ("https://host/m.gguf", 400, "is not fetched by a request"),
        ("http://169.254.169.254/latest/m.gguf", 400, "is not fetched by a request"),
        ("../../etc/passwd", 404, "no model"),
    ],
)
def test_what_a_request_cannot_have(daemon: Daemon, hub: Hub, name: str, status: int, words: str) -> None:
    answer = daemon.post("/api/pull", {"model": name})
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert list(answer.json()) == ["error"]


def test_configured_files_are_not_removed_by_requests(client: ollama.Client, daemon: Daemon, folder: Path) -> None:
    client.pull("tiny")
    with pytest.raises(ollama.ResponseError, match="part of the configuration"):
        client.delete("tiny")
    assert (folder / "configured.gguf").exists()
    (folder / "models/ana/link").mkdir(parents=True)
    (folder / "models/ana/link/link-Q8_0.gguf").symlink_to(folder / "configured.gguf")
    with pytest.raises(ollama.ResponseError, match="is used by tiny"):
        client.delete("hf.co/ana/link")
    assert daemon.post("/api/pull", {"model": "tiny", "insecure": True}).status_code == 400
    assert daemon.post("/api/pull", {}).status_code == 400


def test_errors_on_the_way_are_lines_too(daemon: Daemon, hub: Hub, installation: Installation) -> None:
    hub.add("ana/wrong", "w.gguf", (installation.home / TINY_LLM).resolve(), told_sha256="1" * 64)
    with daemon.http.stream("POST", "/api/pull", json={"model": "hf.co/ana/wrong"}) as answer:
        assert answer.status_code == 200
        lines = list(answer.iter_lines())
    assert "what arrived has sha256:" in lines[-1]
    assert lines[-1].startswith('{"error":')
    answer = daemon.post("/api/pull", {"model": "hf.co/ana/wrong", "stream": False})
    assert answer.status_code == 502


def test_a_client_that_leaves_stops_the_pull_and_the_next_goes_on(
    daemon: Daemon, hub: Hub, folder: Path, installation: Installation, tmp_path: Path
) -> None:
    large = padded(installation.home / TINY_LLM, tmp_path / "large.gguf", 20 * MIB)
    hub.add("ana/large", "large.gguf", large)
    path = folder / "models/ana/large/large.gguf"
    hub.hold_after(8 * MIB)
    with httpx.stream("POST", f"{daemon.url}/api/pull", json={"model": "hf.co/ana/large"}, timeout=TIMEOUT) as answer:
        lines = answer.iter_lines()  # who lets go of it has left already
        next(line for line in lines if '"completed"' in line)
        wait_until(hub.is_holding, "some of it is there")
    hub.release()
    assert daemon.post("/api/pull", {"model": "hf.co/ana/large", "stream": False}).status_code == 200
    assert path.read_bytes() == large.read_bytes()


def test_who_asks_for_what_is_being_fetched_watches_it(
    daemon: Daemon, hub: Hub, folder: Path, installation: Installation, tmp_path: Path
) -> None:
    large = padded(installation.home / TINY_LLM, tmp_path / "shared.gguf", 20 * MIB)
    hub.add("ana/shared", "shared.gguf", large)
    hub.hold_after(8 * MIB)
    with ExitStack() as stack:
        body = {"model": "hf.co/ana/shared"}

        def pull() -> Iterator[str]:
            answer = stack.enter_context(httpx.stream("POST", f"{daemon.url}/api/pull", json=body, timeout=TIMEOUT))
            assert answer.status_code == 200
            return answer.iter_lines()

        first = pull()
        next(line for line in first if '"completed"' in line)
        wait_until(hub.is_holding, "some of it is there")
        others = [pull(), pull()]
        hub.release()
        for lines in [first, *others]:
            told = list(lines)
            assert '"status":"success"' in told[-1], told[-3:]
            assert "sarai reload" in told[-2]
    assert (folder / "models/ana/shared/shared.gguf").read_bytes() == large.read_bytes()


def test_a_pull_too_many_is_told_by_its_status(
    daemon: Daemon, hub: Hub, installation: Installation, tmp_path: Path
) -> None:
    for name in ("one", "two", "three"):
        large = padded(installation.home / TINY_LLM, tmp_path / f"{name}.gguf", 20 * MIB)
        hub.add(f"bob/{name}", f"{name}.gguf", large)
    hub.hold_after(4 * MIB)
    with ExitStack() as stack:
        for name in ("one", "two"):
            body = {"model": f"hf.co/bob/{name}"}
            answer = stack.enter_context(httpx.stream("POST", f"{daemon.url}/api/pull", json=body, timeout=TIMEOUT))
            assert answer.status_code == 200
        for more in ({}, {"stream": False}):
            refused = daemon.post("/api/pull", {"model": "hf.co/bob/three"} | more)
            assert refused.status_code == 503
            assert "are being fetched already" in refused.json()["error"]
            assert refused.headers["Retry-After"]
    hub.release()


def test_it_may_be_switched_off(installation: Installation, hub: Hub) -> None:
    models = {"m": {"backend": "gguf_native", "gguf": "m.gguf", "source": "hf.co/ana/tiny"}}
    with Daemon(installation, {"models": models, "hub": {"endpoint": hub.url, "allow_pull": False}}) as daemon:
        answer = daemon.post("/api/pull", {"model": "m"})
        assert answer.status_code == 400
        assert "hub.allow_pull is false" in answer.json()["error"]
        answer = daemon.http.request("DELETE", "/api/delete", json={"model": "hf.co/ana/tiny"})
        assert answer.status_code == 400
