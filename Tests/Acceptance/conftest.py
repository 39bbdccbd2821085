"""Fixtures that more than one file uses, and what a failure's report shows."""

from collections.abc import Iterator

import ollama
import openai
import pytest
from support.browser import Browser
from support.daemon import Daemon
from support.installation import EXAMPLES, Installation
from support.toolbox import Toolbox, toolbox_of
from support.waiting import TIMEOUT


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """The program under test."""
    installation = Installation.of_environment()
    yield installation
    installation.remove()


@pytest.fixture(scope="session")
def lan(installation: Installation) -> Iterator[Daemon]:
    """The stand-in for a server on the network. Tests that break it start one of their own."""
    with Daemon(installation, EXAMPLES / "lan-server.yaml") as daemon:
        daemon.wait_until_ready()
        yield daemon


@pytest.fixture(scope="session")
def sarai(installation: Installation, lan: Daemon) -> Iterator[Daemon]:
    """The quick start, as `make run` serves it. Shared by all tests that leave it as they found it."""
    with Daemon(installation, EXAMPLES / "quickstart.yaml", {"OLLAMA_BASE_URL": lan.url}) as daemon:
        daemon.wait_until_ready()
        yield daemon
        ended = [line for line in daemon.log().splitlines() if " error " in line and "worker ended" in line]
        assert not ended, "a worker ended that nobody had told to"


@pytest.fixture(scope="session")
def toolbox(installation: Installation) -> Iterator[Toolbox]:
    """Models that call tools, or think. Shared like the above."""
    with toolbox_of(installation) as toolbox:
        yield toolbox


@pytest.fixture(scope="session")
def ollama_client(sarai: Daemon) -> Iterator[ollama.Client]:
    """Ollama's own client."""
    with ollama.Client(host=sarai.url, timeout=TIMEOUT) as client:
        yield client


@pytest.fixture(scope="session")
def openai_client(sarai: Daemon) -> Iterator[openai.OpenAI]:
    """OpenAI's own client. It would repeat requests that fail, and so hide that they do."""
    with openai.OpenAI(base_url=f"{sarai.url}/v1", api_key="none", timeout=TIMEOUT, max_retries=0) as client:
        yield client


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser; each page of it begins without anything that another one has stored."""
    with Browser() as browser:
        yield browser


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Marks where in each log the test begins, and forgets daemons that are gone."""
    Daemon.known[:] = [daemon for daemon in Daemon.known if daemon.is_running()]
    for daemon in Daemon.known:
        daemon.log_mark = len(daemon.log())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Shows what the daemons logged during a test that failed."""
    report = yield
    if report.failed:
        for daemon in Daemon.known:
            if text := daemon.log()[daemon.log_mark :]:
                report.sections.append((f"log of {daemon.config_path.name} on port {daemon.port}", text[-6000:]))
    return report
