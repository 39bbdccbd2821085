"""HTTPS: from files, renewed while the daemon runs; and web pages that may ask."""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest
from support.asking import user
from support.certificates import Certificate
from support.daemon import Daemon
from support.installation import TINY_LLM, Installation
from support.waiting import TIMEOUT

MODELS = {"tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512}}
PAGE = "https://chat.example"


class SecureDaemon(Daemon):
    """A daemon that speaks HTTPS."""

    def __init__(self, installation: Installation, certificate: Certificate, folder: Path):
        server = {"tls": certificate.section(), "allowed_origins": [PAGE], "keys_file": str(folder / "keys.json")}
        super().__init__(installation, {"models": MODELS, "server": server})
        self.url = self.url.replace("http:", "https:")
        self.trust(certificate)

    def trust(self, certificate: Certificate) -> None:
        """Uses a client that knows this certificate alone."""
        self.http.close()
        context = ssl.create_default_context(cafile=str(certificate.certificate))
        self.http = httpx.Client(base_url=self.url, timeout=TIMEOUT, verify=context)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The daemon's certificate."""
    return Certificate.make(tmp_path_factory.mktemp("tls"), "sarai")


@pytest.fixture(scope="module")
def secure(
    installation: Installation, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecureDaemon]:
    """A daemon that speaks HTTPS."""
    with SecureDaemon(installation, certificate, tmp_path_factory.mktemp("secure")) as daemon:
        yield daemon


def test_an_unmodified_client(secure: SecureDaemon) -> None:
    with openai.OpenAI(base_url=f"{secure.url}/v1", api_key="x", http_client=secure.http, max_retries=0) as client:
        stream = client.chat.completions.create(
            model="tiny", messages=user("Hello"), max_tokens=8, stream=True, timeout=TIMEOUT
        )
        assert len(list(stream)) > 1


def test_whoever_speaks_http_is_not_answered(secure: SecureDaemon) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(secure.url.replace("https:", "http:") + "/health", timeout=TIMEOUT)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_versions_of_tls_are_refused(secure: SecureDaemon, certificate: Certificate) -> None:
    context = ssl.create_default_context(cafile=str(certificate.certificate))
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.raises(httpx.ConnectError), httpx.Client(verify=context, timeout=TIMEOUT) as client:
        client.get(f"{secure.url}/health")


def test_the_command_line(
    secure: SecureDaemon, installation: Installation, certificate: Certificate, tmp_path: Path
) -> None:
    file = str(certificate.certificate)
    where = ["ps", "--host", secure.url]
    assert installation.run(*where, "--ca", file).returncode == 0
    assert installation.run(*where, variables={"SSL_CERT_FILE": file}).returncode == 0
    unknown = installation.run(*where)
    assert unknown.returncode == 69
    other = Certificate.make(tmp_path, "other")
    assert installation.run(*where, "--ca", str(other.certificate)).returncode == 69
    missing = installation.run(*where, "--ca", "/nowhere.pem")
    assert missing.returncode == 64 and "--ca" in missing.stderr
    document = json.loads(installation.run("doctor", "--json", "--config", str(secure.config_path)).stdout)
    found = {check["name"]: check for check in document["checks"]}
    assert "TLS with" in found["encryption"]["message"]


def test_a_renewed_certificate_is_used_from_the_next_connection_on(
    secure: SecureDaemon, certificate: Certificate, tmp_path: Path
) -> None:
    old = (certificate.certificate.read_bytes(), certificate.key.read_bytes())
    renewed = Certificate.make(tmp_path, "renewed")
    # One after the other, as whoever renews certificates does it: between the two the old one holds.
    certificate.certificate.write_bytes(renewed.certificate.read_bytes())
    fresh = {"base_url": secure.url, "timeout": TIMEOUT}
    before = Certificate(tmp_path / "before.crt", certificate.key)
    before.certificate.write_bytes(old[0])
    with httpx.Client(verify=ssl.create_default_context(cafile=str(before.certificate)), **fresh) as client:
        assert client.get("/health").status_code == 200
    assert "changed certificate not used" in secure.log()
    certificate.key.write_bytes(renewed.key.read_bytes())
    with httpx.Client(verify=ssl.create_default_context(cafile=str(renewed.certificate)), **fresh) as client:
        assert client.get("/health").status_code == 200
    secure.trust(renewed)


@pytest.mark.parametrize("what", ["certificate", "key", "pair"])
def test_files_that_do_not_fit_are_named(installation: Installation, tmp_path: Path, what: str) -> None:
    good, other = Certificate.make(tmp_path, "good"), Certificate.make(tmp_path, "other")
    broken = tmp_path / "broken.pem"
    broken.write_text("nothing")
    section = good.section() | {
        "certificate": {"certificate": str(broken)},
        "key": {"key": str(broken)},
        "pair": {"key": str(other.key)},
    }[what]  # fmt: skip
    config = tmp_path / "sarai.yaml"
    config.write_text(json.dumps({"models": MODELS, "server": {"tls": section}}))
    result = installation.run("serve", "--config", str(config))
    assert result.returncode == 78
    assert "server.tls" in result.stderr
    assert str(other.key if what == "pair" else broken) in result.stderr


# --- Web pages that may ask


def test_an_allowed_page_may_ask(secure: SecureDaemon) -> None:
    headers = {"Origin": PAGE, "Sec-Fetch-Site": "cross-site"}
    wish = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    preflight = secure.http.options("/api/chat", headers=headers | wish)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == PAGE
    assert preflight.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    for path, status in (("/api/tags", 200), ("/nowhere", 404)):
        answer = secure.http.get(path, headers=headers)
        assert answer.status_code == status
        assert (answer.headers["Access-Control-Allow-Origin"], answer.headers["Vary"]) == (PAGE, "Origin")
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", f"{PAGE}.evil.example", "http://chat.example", "null"])
def test_no_other_page_may(secure: SecureDaemon, origin: str) -> None:
    for method in ("GET", "OPTIONS"):
        answer = secure.http.request(method, "/api/tags", headers={"Origin": origin})
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
