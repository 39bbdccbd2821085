"""The web page in a real browser: what it shows of the pool, and what can be done with it."""

import json
from collections.abc import Iterator

import pytest
from support.browser import Browser, Page
from support.daemon import Daemon
from support.installation import EXAMPLES, Installation
from support.page import FAINT_TEXTS, ask, nameless_controls, wait_for_answer

PHONE = (360, 740)
KEY = "a-key-that-is-long-enough-for-this-test"


@pytest.fixture(scope="module")
def pool(installation: Installation, lan: Daemon) -> Iterator[Daemon]:
    """A quick start whose models are loaded and unloaded here."""
    with Daemon(installation, EXAMPLES / "quickstart.yaml", {"OLLAMA_BASE_URL": lan.url}) as daemon:
        daemon.wait_until_ready()
        yield daemon


@pytest.fixture
def page(browser: Browser, pool: Daemon) -> Iterator[Page]:
    """The page on a wide screen, with the models on it. It must not have complained, nor asked anybody else."""
    with browser.open(pool.url, size=(1440, 1000)) as page:
        page.wait_for("document.querySelectorAll('.model').length === 5", "the models are shown")
        yield page
        assert all(url.startswith((pool.url + "/", "blob:", "data:")) for url in page.requests), page.requests
        assert f"{pool.url}/ui/main.js" in page.requests


def row(model: str, part: str = "") -> str:
    """The selector of a model's row."""
    return f'[data-model="{model}"] {part}'.strip()


def test_it_shows_what_the_daemon_knows(page: Page, pool: Daemon) -> None:
    state = pool.state()
    assert page.evaluate("document.title") == "Sarai"
    assert [page.text(row(model["name"], "h3")) for model in state["models"]] == [
        model["name"] for model in state["models"]
    ]
    assert "4 GiB" in page.text(".budget-head")
    page.wait_for_text(".budget-head .figure", f"{state['reserved_bytes'] / 2**20:.0f}")
    picture = page.evaluate("document.querySelector('.budget-bar').ariaLabel ?? ''")
    assert "embedding" in picture and "left" in picture
    predicted = page.evaluate(f"document.querySelector('{row('embedding', '.predicted .bar')}').ariaLabel")
    assert "weights, copied" in predicted
    remote = page.text('[data-target^="solar/ollama_http"]')
    assert "well since" in remote
    page.wait_for("document.querySelector('#events [data-kind=ready]')", "what happened before is shown")
    assert page.text("#queue-none")
    page.wait_for_text("#health", "ready")


def test_a_load_as_it_happens(page: Page, pool: Daemon) -> None:
    pool.unload("omni")
    page.wait_for(f"document.querySelector('{row('omni')}').dataset.state === 'unloaded'", "omni is not loaded")
    # Every state that the row goes through.
    page.evaluate(
        f"(() => {{ const row = document.querySelector('{row('omni')}'); window.seen = [];"
        " new MutationObserver(() => window.seen.push(row.dataset.state)).observe(row, {attributes: true}); })()"
    )
    assert page.text(row("omni", ".load")) == "Load"
    page.click(row("omni", ".load"))
    page.wait_for("window.seen.includes('loading')", "the row says that it is loading")
    page.wait_for("window.seen.includes('ready')", "the row says that it is ready")
    page.wait_for_text(row("omni", ".measured"), "MiB")
    assert page.text(row("omni", ".load")) == "Unload"
    assert pool.model("omni")["pid"]
    assert "omni/gguf_native is ready after" in page.text("#events")

    page.click(row("omni", ".pin"))
    page.wait_for(f"document.querySelector('{row('omni', '.pin')}').ariaPressed === 'true'", "omni is pinned")
    assert pool.model("omni")["pinned"]
    page.click(row("omni", ".pin"))
    page.wait_for(f"document.querySelector('{row('omni', '.pin')}').ariaPressed === 'false'", "omni is not pinned")
    page.click(row("omni", ".load"))
    page.wait_for("window.seen.at(-1) === 'unloaded'", "omni is unloaded")
    assert "omni/gguf_native was unloaded" in page.text("#events")
    assert not pool.model("omni")["pid"]


def test_a_daemon_that_goes_and_comes_back(browser: Browser, installation: Installation, lan: Daemon) -> None:
    variables = {"OLLAMA_BASE_URL": lan.url}
    with Daemon(installation, EXAMPLES / "quickstart.yaml", variables) as daemon, browser.open(daemon.url) as page:
        page.wait_for_text("#health", "ready")
        daemon.kill()
        page.wait_for_text("#alarm", "does not answer")
        page.wait_for_text("#health", "no connection")
        daemon.start()
        page.wait_for("document.querySelector('#alarm').hidden", "the alarm is over")
        page.wait_for_text("#health", "ready")
        # Requests to a daemon that is gone fail, and the browser says so by itself.
        page.problems = [problem for problem in page.problems if "net::ERR_" not in problem]


def test_the_plan(page: Page, pool: Daemon) -> None:
    page.click('nav a[href="#plan"]')
    page.wait_for_text("#plan-content .figure", "Everything fits")
    plan = pool.http.get("/api/pool/plan").json()
    models = page.evaluate("[...document.querySelectorAll('.plan-models h4')].map((title) => title.innerText)")
    assert models == [model["name"] for model in plan["models"]]
    assert page.evaluate("document.querySelectorAll('.scenarios tbody tr').length") == 4
    assert page.text(".scenarios .chosen th") == "as the daemon runs"
    assert "sarai:tone" in page.text(".pipelines")
    page.click('[data-scenario="engine-defaults"]')
    page.wait_for_text(".scenarios .chosen th", "as the engine does by itself")
    assert page.focused() == "as the engine does by itself"
    defaults = pool.http.get("/api/pool/plan", params={"scenario": "engine-defaults"}).json()
    assert defaults["total_bytes"] > plan["total_bytes"]
    assert f"{(defaults['total_bytes'] + defaults['reserve_bytes']) / 2**30:.1f} GiB of 4 GiB" in page.text(".verdict")
    assert "over the budget" in page.text(".verdict")


@pytest.mark.parametrize(("language", "words"), [("es-PE", "Memoria"), ("en-GB", "Memory"), ("fr-FR", "Memory")])
def test_the_language_is_the_browsers_and_can_be_changed(
    browser: Browser, pool: Daemon, language: str, words: str
) -> None:
    with browser.open(pool.url, language=language) as page:
        page.wait_for_text("#memory-title", words)
        other, theirs = ("en", "Memory") if words == "Memoria" else ("es", "Memoria")
        page.click(f".languages [value={other}]")
        page.wait_for_text("#memory-title", theirs)
        page.wait_for_text(row("solar", ".load"), "Load the copy" if other == "en" else "Cargar la copia")
        assert page.evaluate("document.documentElement.lang") == other
        page.call("Page.reload")
        page.wait_for_text("#memory-title", theirs)


def test_everything_can_be_reached_by_keyboard(page: Page, pool: Daemon) -> None:
    pool.unload("omni")
    page.wait_for(f"document.querySelector('{row('omni')}').dataset.state === 'unloaded'", "omni is not loaded")
    page.press("Tab")
    assert page.focused() == "Skip to the content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0"), "it cannot be seen"
    visited = []
    while (name := page.focused()) != "chat-send":
        visited.append(name)
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        # The composer as a whole shows that its text has the focus.
        assert name == "chat-text" or page.evaluate(outline) != "none", name
        page.press("Tab")
        assert len(visited) < 60, visited
    expected = ["Pool", "Plan", "EN", "ES", "Load omni", "Unload embedding", "chat-model", "chat-new", "transcript"]
    expected += ["chat-text", "chat-attach"]
    assert [name for name in visited if name in expected] == expected, visited
    while page.focused() != "Load omni":
        page.press("Tab", shift=True)
    page.press("Enter")
    page.wait_for(f"document.querySelector('{row('omni')}').dataset.state === 'ready'", "omni is loaded")
    assert page.focused() == "Unload omni", "the focus stays where it was"
    pool.unload("omni")


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, (1440, 1000)], ids=["phone", "wide"])
def test_it_can_be_read(browser: Browser, pool: Daemon, is_dark: bool, size: tuple[int, int]) -> None:
    with browser.open(pool.url, language="es", is_dark=is_dark, size=size) as page:
        page.wait_for("document.querySelector('#chat-model').options.length > 3", "the models are there")
        for view, sign in {"pool": ".model", "chat": ".empty-title", "plan": ".plan-models li"}.items():
            page.evaluate(f"location.hash = '#{view}'")
            page.wait_for(f"document.querySelector('{sign}')?.checkVisibility()", f"{view} is shown")
            looks = page.evaluate(FAINT_TEXTS)
            assert looks["seen"] > 8, view
            assert not looks["faint"], (view, json.dumps(looks["faint"], ensure_ascii=False))
            assert not nameless_controls(page), view
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], f"{view} is wider than the screen"
            # A value that is missing would leave its name in braces.
            assert not page.evaluate("document.body.innerText.match(/[{]\\w+[}]|undefined|NaN/)"), view


def test_a_daemon_that_wants_a_key_gets_one(browser: Browser, installation: Installation, lan: Daemon) -> None:
    variables = {"OLLAMA_BASE_URL": lan.url, "SARAI_API_KEYS": KEY}
    with (
        Daemon(installation, EXAMPLES / "quickstart.yaml", variables) as daemon,
        browser.open(daemon.url, size=(1440, 1000)) as page,
    ):
        page.wait_for("document.querySelector('#key').open", "it asks for a key")
        assert page.focused() == "key-input"
        assert page.evaluate("document.querySelectorAll('.model').length") == 0
        page.write("this-is-the-key-of-somebody-else")
        page.press("Enter")
        page.wait_for_text("#key-wrong", "does not take this key")
        page.write(KEY)
        page.press("Enter")
        page.wait_for("document.querySelectorAll('.model').length === 5", "the models are shown")
        page.wait_for("document.querySelector('#events li')", "the events are there")
        ask(page, "Say hello.", "lfm2", tokens=4)
        assert wait_for_answer(page)
        page.call("Page.reload")
        page.wait_for("document.querySelectorAll('.model').length === 5", "the key is still known")
        assert not page.evaluate("document.querySelector('#key').open")
        assert not any(KEY in url for url in page.requests)
        # The browser notes the status of the answers by itself.
        page.problems = [problem for problem in page.problems if "401 (Unauthorized)" not in problem]


def test_what_an_error_says_is_shown(page: Page, pool: Daemon) -> None:
    pool.unload("omni")
    # What a browser with an old page asks for: a model that is no longer in the configuration.
    page.evaluate(f"document.querySelector('{row('omni')}').row.name = 'gone'")
    page.wait_for(f"document.querySelector('{row('omni')}').dataset.state === 'unloaded'", "omni is not loaded")
    page.click(row("omni", ".load"))
    page.wait_for_text("#alarm", "'gone'")
    # The browser notes the status of the answer by itself.
    page.problems = [problem for problem in page.problems if "404 (Not Found)" not in problem]
