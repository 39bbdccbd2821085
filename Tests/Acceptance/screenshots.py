"""Takes the pictures of the web page that are in the documentation: `make screenshots`.

They show the quick start as it is, with its real models, and a failover that really happens.
"""

import io
import sys
import time
from pathlib import Path

from PIL import Image
from support.asking import completion
from support.browser import Browser, Page
from support.chaos import Proxy, cut
from support.daemon import Daemon
from support.installation import EXAMPLES, Installation
from support.page import ask, wait_for_answer
from support.waiting import wait_until

LARGEST = 150_000
QUESTION = "Tell me a short story about a cat named Luna."


def main(folder: Path) -> None:
    """Takes all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    installation = Installation.of_environment()
    try:
        with (
            Browser() as browser,
            Daemon(installation, EXAMPLES / "lan-server.yaml") as lan,
            Proxy(installation, lan.url) as server,
            Daemon(installation, EXAMPLES / "quickstart.yaml", {"OLLAMA_BASE_URL": server.url}) as pool,
        ):
            lan.wait_until_ready()
            pool.wait_until_ready()
            for model in ("solar", "lfm2", "omni"):
                pool.load(model)
            wait_until(lambda: "ollama" in completion(pool, "solar").headers["X-Sarai-Target"], "the server answers")
            take(browser, pool, server, folder)
    finally:
        installation.remove()


def take(browser: Browser, pool: Daemon, server: Proxy, folder: Path) -> None:
    """Takes a picture of each kind."""
    with browser.open(pool.url, size=(1440, 960), scale=1.5) as page:
        page.wait_for("document.querySelectorAll('.model').length === 5", "the models are shown")
        ask(page, "Why is the sky blue?", "sarai:tone", tokens=90)
        wait_for_answer(page)
        page.click(".answer .steps summary")
        save(page, folder / "web-overview.png")
    with browser.open(pool.url, size=(1440, 960), scale=1.5) as page:
        page.wait_for("document.querySelectorAll('.model').length === 5", "the models are shown")
        server.set(cut(24) | {"path": "/api/chat", "times": 1})
        ask(page, QUESTION, "solar", tokens=80)
        wait_for_answer(page)
        server.set({"fault": "refuse"})
        server.reset_connections()
        ask(page, "And what did Luna eat?", "solar", tokens=48)
        wait_for_answer(page, 2)
        page.wait_for("document.querySelector('.targets [data-state=failed]')", "the server is left alone")
        page.evaluate("document.querySelector('.activity').scrollIntoView({block: 'end'})")
        save(page, folder / "web-failover.png")
        server.set()
    address = f"{pool.url}/#pool"
    with browser.open(address, size=(390, 844), scale=2, is_dark=True, language="es") as page:
        page.wait_for("document.querySelectorAll('.model').length === 5", "the models are shown")
        save(page, folder / "web-phone.png")


def save(page: Page, path: Path) -> None:
    """Takes a picture when nothing moves any more, in as many colours as its size allows."""
    page.wait_for("document.getAnimations().every(({playState}) => playState !== 'running')", "nothing moves")
    time.sleep(0.2)  # for what is drawn last: pictures, unlike tests, have nothing to wait for
    page.screenshot(path)
    picture = Image.open(path).convert("RGB")
    for colours in (256, 128, 64):
        file = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= LARGEST:
            break
    path.write_bytes(file.getvalue())
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")
    assert path.stat().st_size <= LARGEST, f"{path} is larger than {LARGEST} bytes"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
