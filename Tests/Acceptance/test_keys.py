"""API keys: who is let in, and what of a key can be seen."""

import json
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anthropic
import httpx
import ollama
import openai
import pytest
from support.asking import error_text, user
from support.daemon import Daemon
from support.installation import TINY_LLM, Installation
from support.processes import PROC
from support.waiting import TIMEOUT, wait_until

MODELS = {"tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512}}
ENVIRONMENT_KEY = "a-key-of-the-environment-that-is-long"


class Keys:
    """The file of keys of a daemon, as `sarai keys` handles it."""

    def __init__(self, installation: Installation, folder: Path):
        self.installation = installation
        self.path = folder / "keys.json"
        self.config = folder / "sarai.yaml"
        self.config.write_text(json.dumps({"models": MODELS, "server": {"keys_file": str(self.path)}}))

    def run(self, *arguments: str, status: int = 0) -> str:
        """What `sarai keys` says on stdout."""
        result = self.installation.run("keys", *arguments, "--config", str(self.config))
        assert result.returncode == status, result.stderr
        return result.stdout if status == 0 else result.stderr

    def add(self, name: str) -> str:
        """A new key."""
        return self.run("add", name).strip()


@pytest.fixture(scope="module")
def keys(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """The keys of the guarded daemon."""
    return Keys(installation, tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def key(keys: Keys) -> str:
    """A key that lets in."""
    return keys.add("laptop")


@pytest.fixture(scope="module")
def guarded(installation: Installation, keys: Keys, key: str) -> Iterator[Daemon]:
    """A daemon that asks for a key."""
    assert key
    with Daemon(installation, keys.config, {"SARAI_API_KEYS": ENVIRONMENT_KEY}) as daemon:
        yield daemon


def bearer(key: str) -> dict[str, str]:
    """The header that most clients send."""
    return {"Authorization": f"Bearer {key}"}


# --- The daemon


@pytest.mark.parametrize(
    "path", ["/api/tags", "/api/pool/state", "/v1/models", "/v1/messages", "/ready", "/nowhere", "/v1/nowhere"]
)
@pytest.mark.parametrize("headers", [{}, bearer("wrong"), {"Authorization": "Basic eDp5"}, {"x-api-key": "wrong"}])
def test_without_a_key_nothing_is_told(guarded: Daemon, path: str, headers: dict[str, str]) -> None:
    answer = guarded.http.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert "sarai keys" in error_text(answer)


def test_a_post_is_not_read_without_a_key(guarded: Daemon) -> None:
    for path in ("/api/chat", "/v1/chat/completions", "/api/pool/unload", "/api/pool/reload"):
        answer = guarded.http.post(path, content=b"not even JSON", headers={"Content-Type": "application/json"})
        assert answer.status_code == 401


def test_health_is_public_and_tells_nothing(guarded: Daemon) -> None:
    assert guarded.http.get("/health").json() == {"status": "ok"}


def test_a_key_lets_in_whichever_header_it_comes_in(guarded: Daemon, key: str) -> None:
    for headers in (bearer(key), {"Authorization": f"bearer {key}"}, {"x-api-key": key}, bearer(ENVIRONMENT_KEY)):
        assert guarded.http.get("/api/tags", headers=headers).status_code == 200
    # A client that always sends something in one of them.
    assert guarded.http.get("/api/tags", headers=bearer("unused") | {"x-api-key": key}).status_code == 200


def test_a_key_does_not_help_a_web_page(guarded: Daemon, key: str) -> None:
    for more in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}):
        for path in ("/api/tags", "/health", "/v1/models"):
            assert guarded.http.get(path, headers=bearer(key) | more).status_code == 403


def test_openais_client(guarded: Daemon, key: str) -> None:
    url = f"{guarded.url}/v1"
    with openai.OpenAI(base_url=url, api_key=key, timeout=TIMEOUT, max_retries=0) as client:
        answer = client.chat.completions.create(model="tiny", messages=user("Hello"), max_tokens=4)
        assert answer.usage.completion_tokens > 0
    with openai.OpenAI(base_url=url, api_key="wrong", timeout=TIMEOUT, max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as caught:
            client.models.list()
        assert caught.value.code == "invalid_api_key"


def test_ollamas_client(guarded: Daemon, key: str) -> None:
    with ollama.Client(host=guarded.url, headers=bearer(key), timeout=TIMEOUT) as client:
        pieces = list(client.chat(model="tiny", messages=user("Hello"), stream=True, options={"num_predict": 4}))
        assert pieces[-1].done
    with ollama.Client(host=guarded.url, timeout=TIMEOUT) as client:
        with pytest.raises(ollama.ResponseError, match="API key") as caught:
            client.list()
        assert caught.value.status_code == 401


def test_anthropics_client(guarded: Daemon, key: str) -> None:
    with anthropic.Anthropic(base_url=guarded.url, api_key=key, timeout=TIMEOUT, max_retries=0) as client:
        answer = client.messages.create(model="tiny", messages=user("Hello"), max_tokens=4)
        assert answer.usage.output_tokens > 0
    with (
        anthropic.Anthropic(base_url=guarded.url, api_key="wrong", timeout=TIMEOUT, max_retries=0) as client,
        pytest.raises(anthropic.AuthenticationError, match="sarai keys"),
    ):
        client.messages.create(model="tiny", messages=user("Hello"), max_tokens=4)


def test_a_key_works_at_once_and_a_revoked_one_no_more(guarded: Daemon, keys: Keys) -> None:
    fresh = keys.add("phone")
    assert guarded.http.get("/api/tags", headers=bearer(fresh)).status_code == 200
    keys.run("revoke", "phone")
    answer = guarded.http.get("/api/tags", headers=bearer(fresh))
    assert answer.status_code == 401
    assert "revoked" in error_text(answer)


def test_an_answer_under_way_survives_its_key(guarded: Daemon, keys: Keys) -> None:
    fresh = keys.add("tablet")
    body = {"model": "tiny", "messages": user("Hello"), "options": {"num_predict": 40}}
    with guarded.http.stream("POST", "/api/chat", json=body, headers=bearer(fresh)) as answer:
        lines = answer.iter_lines()
        next(lines)
        keys.run("revoke", "tablet")
        assert json.loads(list(lines)[-1])["done"]


def test_a_damaged_file_lets_nobody_in(guarded: Daemon, keys: Keys, key: str) -> None:
    good = keys.path.read_bytes()
    try:
        keys.path.write_bytes(b"{")
        answer = guarded.http.get("/api/tags", headers=bearer(key))
        assert answer.status_code == 503
        assert "log" in error_text(answer)
        assert "API keys cannot be read" in guarded.log()
        assert guarded.http.get("/api/tags", headers=bearer(ENVIRONMENT_KEY)).status_code == 200
    finally:
        keys.path.write_bytes(good)
    wait_until(lambda: guarded.http.get("/api/tags", headers=bearer(key)).status_code == 200, "the key works again")


def test_keys_are_seen_nowhere(guarded: Daemon, installation: Installation, key: str) -> None:
    secrets = [key.removeprefix("sarai-"), ENVIRONMENT_KEY]
    guarded.http.get("/nowhere", headers=bearer(key))
    loaded = guarded.http.post("/api/pool/load", json={"model": "tiny"}, headers=bearer(key))
    assert loaded.status_code == 200, loaded.text
    places: list[tuple[str, str]] = [("log", guarded.log())]
    for pid in guarded.workers():
        for name in ("cmdline", "environ"):
            places.append((f"{name} of worker {pid}", (PROC / str(pid) / name).read_text(errors="replace")))
    assert len(places) > 2
    places.append(("command line", (PROC / str(guarded.process.pid) / "cmdline").read_text()))
    places.append(("state", guarded.http.get("/api/pool/state", headers=bearer(key)).text))
    config = installation.run(
        "config", "show", "--config", str(guarded.config_path), variables={"SARAI_API_KEYS": ENVIRONMENT_KEY}
    )
    assert config.returncode == 0
    places.append(("config show", config.stdout))
    for place, text in places:
        assert text
        for secret in secrets:
            assert secret not in text, place


# --- The command line


def test_the_command_line_sends_its_key(guarded: Daemon, installation: Installation, key: str) -> None:
    commands = [
        ["ps"], ["events", "--no-follow"], ["reload", "--dry-run"], ["run", "tiny", "--max-tokens", "2", "Hello"],
    ]  # fmt: skip
    for command in commands:
        where = ["--host", guarded.url]
        refused = installation.run(*command, *where)
        assert refused.returncode == 1
        assert "SARAI_API_KEY" in refused.stderr or "API key" in refused.stderr
        admitted = installation.run(*command, *where, variables={"SARAI_API_KEY": key})
        assert admitted.returncode == 0, admitted.stderr


def test_a_saved_key_is_for_this_machine_and_this_user(
    guarded: Daemon, installation: Installation, keys: Keys, tmp_path: Path
) -> None:
    home = {"SARAI_HOME": str(tmp_path)}
    added = installation.run("keys", "add", "saved", "--save", "--config", str(keys.config), variables=home)
    assert added.returncode == 0, added.stderr
    saved = tmp_path / "client.key"
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert saved.read_text() == added.stdout
    assert installation.run("ps", "--host", guarded.url, variables=home).returncode == 0
    saved.chmod(0o644)
    loose = installation.run("ps", "--host", guarded.url, variables=home)
    assert loose.returncode == 1
    assert f"chmod 600 {saved}" in loose.stderr
    saved.chmod(0o600)
    revoked = installation.run("keys", "revoke", "saved", "--config", str(keys.config), variables=home)
    assert revoked.returncode == 0
    assert not saved.exists()


def test_doctor_tells_who_may_ask(guarded: Daemon, installation: Installation) -> None:
    where = ["--config", str(guarded.config_path), "--host", guarded.url]
    document = json.loads(installation.run("doctor", "--json", *where).stdout)
    found = {check["name"]: check for check in document["checks"]}
    assert "laptop" in found["access"]["message"]
    assert "not to this command line" in found["daemon"]["message"]
    assert found["encryption"]["status"] == "ok"


def test_keys_are_made_listed_and_revoked(installation: Installation, tmp_path: Path) -> None:
    keys = Keys(installation, tmp_path)
    assert "no keys" in keys.run("list")
    first = installation.run("keys", "add", "laptop", "--config", str(keys.config))
    assert first.stdout.startswith("sarai-") and first.stdout.count("\n") == 1
    assert "shown once" in first.stderr and "first key" in first.stderr
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    document: dict[str, Any] = json.loads(keys.run("add", "phone", "--json"))
    assert document["name"] == "phone" and document["key"].startswith("sarai-")
    listed = json.loads(keys.run("list", "--json"))["keys"]
    assert [entry["name"] for entry in listed] == ["laptop", "phone"]
    assert [entry["ending"] for entry in listed] == [first.stdout.strip()[-4:], document["key"][-4:]]
    text = keys.run("list") + keys.path.read_text()
    assert first.stdout.strip() not in text and document["key"] not in text
    assert "Did you mean 'phone'?" in keys.run("revoke", "phon", status=78)
    assert "already" in keys.run("add", "phone", status=78)
    assert "not a name" in keys.run("add", "a b", status=78)
    assert "revoked" in keys.run("revoke", "phone")
    assert "No key is left" in keys.run("revoke", "laptop")


def test_keys_that_are_made_at_the_same_time_are_all_there(installation: Installation, tmp_path: Path) -> None:
    keys = Keys(installation, tmp_path)
    names = [f"k{number}" for number in range(6)]
    with ThreadPoolExecutor(len(names)) as executor:
        made = list(executor.map(keys.add, names))
    assert len(set(made)) == len(names)
    assert sorted(keys.run("list", "--quiet").split()) == names


# --- Where other machines can connect


def test_without_a_key_the_daemon_listens_on_this_machine_only(installation: Installation, tmp_path: Path) -> None:
    keys = Keys(installation, tmp_path)
    for address in ("0.0.0.0:0", "[::]:0"):
        result = installation.run("serve", "--config", str(keys.config), "--listen", address)
        assert result.returncode == 78
        for word in ("other machines", "sarai keys add", "SARAI_API_KEYS", str(keys.path)):
            assert word in result.stderr
    short = installation.run("serve", "--config", str(keys.config), variables={"SARAI_API_KEYS": "short"})
    assert short.returncode == 78
    assert "server.api_keys" in short.stderr and "'short'" not in short.stderr


def test_others_may_change_nothing(installation: Installation, tmp_path: Path) -> None:
    keys = Keys(installation, tmp_path)
    keys.add("laptop")
    keys.path.chmod(0o666)
    result = installation.run("serve", "--config", str(keys.config))
    assert result.returncode == 78
    assert f"chmod 600 {keys.path}" in result.stderr


def test_with_a_key_the_daemon_listens_to_all(installation: Installation, tmp_path: Path) -> None:
    keys = Keys(installation, tmp_path)
    key = keys.add("laptop")
    process = installation.start("serve", "--config", str(keys.config), "--listen", "0.0.0.0:0")
    try:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Listening" in line:
                break
        port = int(lines[-1].strip().rsplit(":", 1)[1])
        assert port > 0
        assert any("cross the network in the clear" in line for line in lines)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=TIMEOUT) as client:
            assert client.get("/api/tags").status_code == 401
            assert client.get("/api/tags", headers=bearer(key)).status_code == 200
            assert client.get("/api/tags", headers=bearer(key) | {"Host": "10.1.2.3"}).status_code == 403
        assert os.kill(process.pid, 0) is None
    finally:
        process.terminate()
        process.communicate(timeout=TIMEOUT)
