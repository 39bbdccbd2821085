"""A real browser without a window: Debian's Chromium, driven over the DevTools protocol.

The protocol goes through two pipes rather than a port: nobody else can reach it, and nothing but Python is needed.
Source: https://chromedevtools.github.io/devtools-protocol/, and `--remote-debugging-pipe` in Chromium.
"""

import base64
import fcntl
import itertools
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.waiting import TIMEOUT, wait_until

ARGUMENTS = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--mute-audio",
]


class Browser:
    """A Chromium with a profile of its own that is there while the block runs. A context manager."""

    def __enter__(self) -> "Browser":
        program = shutil.which("chromium")
        assert program, "chromium is not there; scripts/setup-browser.sh installs it"
        self.profile = tempfile.mkdtemp(prefix="sarai-browser-")
        to_browser, self.writer = pipe()
        self.reader, from_browser = pipe()
        # Chromium reads at 3 and writes at 4. Its sandbox does not run as root, which tests in containers often do.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        arguments = [program, *ARGUMENTS, *sandbox, f"--user-data-dir={self.profile}", "about:blank"]
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{to_browser} 4>&{from_browser}', "bash", *arguments],
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self.numbers = itertools.count(1)
        self.answers: dict[int, queue.Queue[dict[str, Any]]] = {}
        self.sessions: dict[str, Callable[[str, dict[str, Any]], None]] = {}
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._read)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.call("Browser.close")
            self.process.wait(TIMEOUT)
        finally:
            self.process.kill()
            self.process.wait()
            self.thread.join(TIMEOUT)
            os.close(self.writer)
            os.close(self.reader)
            shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Sends a command and returns its result."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        answer: queue.Queue[dict[str, Any]] = queue.Queue()
        with self.lock:
            self.answers[number] = answer
            data = json.dumps(message).encode() + b"\0"
            while data:
                data = data[os.write(self.writer, data) :]
        result = answer.get(timeout=TIMEOUT)
        assert "error" not in result, f"{method}: {result['error']}"
        return result["result"]

    def open(self, url: str, **options: Any) -> "Page":
        """A page with storage of its own, as in a new private window."""
        return Page(self, url, **options)

    def _read(self) -> None:
        rest = b""
        while data := os.read(self.reader, 1 << 16):
            *messages, rest = (rest + data).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self.answers.pop(message["id"]).put(message)
                elif handler := self.sessions.get(message.get("sessionId", "")):
                    handler(message["method"], message["params"])


class Page:
    """A page, as a person sees and uses it. A context manager: at its end it is closed.

    It must not have complained: errors on its console, exceptions, and what its policy forbade are in `problems`.
    """

    def __init__(
        self,
        browser: Browser,
        url: str,
        *,
        language: str = "en-US",
        is_dark: bool = False,
        size: tuple[int, int] = (1280, 800),
        scale: float = 1,
    ):
        self.browser = browser
        self.problems: list[str] = []
        self.requests: list[str] = []
        self.context = browser.call("Target.createBrowserContext")["browserContextId"]
        target = browser.call("Target.createTarget", url="about:blank", browserContextId=self.context)["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.sessions[self.session] = self._notice
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(f"{domain}.enable")
        agent = browser.call("Browser.getVersion")["userAgent"]
        self.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        width, height = size
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'", f"{url} is loaded")

    def __enter__(self) -> "Page":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.browser.sessions.pop(self.session)
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)
        assert kind or not self.problems, self.problems

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Sends a command about this page."""
        return self.browser.call(method, self.session, **parameters)

    # --- Looking

    def evaluate(self, script: str) -> Any:
        """The value of an expression, which may be a promise."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, (script, result["exceptionDetails"])
        return result["result"].get("value")

    def wait_for(self, script: str, what: str, timeout: float = TIMEOUT) -> Any:
        """Waits until an expression is true, and returns its value; of an element, that it is there."""
        element = f"(async () => {{ const it = await ({script}); return it instanceof Node ? true : it; }})()"
        return wait_until(lambda: self.evaluate(element), what, timeout)

    def text(self, selector: str) -> str:
        """What is written in an element, with ordinary spaces; nothing where there is none."""
        return self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''").replace("\xa0", " ")

    def wait_for_text(self, selector: str, part: str) -> str:
        """Waits until an element says something."""
        return wait_until(lambda: text if part in (text := self.text(selector)) else "", f"{selector} says '{part}'")

    def focused(self) -> str:
        """Names the element that has the focus: its id, else its label, else its text."""
        return self.evaluate(
            "(({id, ariaLabel, innerText, tagName}) => id || ariaLabel || innerText || tagName)(document.activeElement)"
        )

    def screenshot(self, path: Path) -> None:
        """Takes a picture of what can be seen."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    # --- Doing

    def click(self, selector: str) -> None:
        """Clicks into the middle of an element with the mouse."""
        box = self.evaluate(
            f"(() => {{ const element = document.querySelector({json.dumps(selector)});"
            " element.scrollIntoView({block: 'center'}); const {x, y, width, height} = element.getBoundingClientRect();"
            " return [x + width / 2, y + height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def write(self, text: str) -> None:
        """Writes where the focus is."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, shift: bool = False) -> None:
        """Presses and releases a key: `Enter`, `Tab`, `Escape`, `ArrowDown`, ` ` …"""
        codes = {"Enter": 13, "Tab": 9, "Escape": 27, " ": 32, "ArrowDown": 40, "ArrowUp": 38}
        common = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": codes[key]}
        common["modifiers"] = 8 if shift else 0
        text = {"Enter": "\r", " ": " "}.get(key)
        self.call(
            "Input.dispatchKeyEvent",
            type="keyDown" if text else "rawKeyDown",
            **common,
            **({"text": text} if text else {}),
        )
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def choose(self, selector: str, value: str) -> None:
        """Chooses an option of a list, once the list has it."""
        option = f"{selector} option[value={json.dumps(value)}]"
        self.wait_for(f"document.querySelector({json.dumps(option)})", f"{value} can be chosen")
        self.evaluate(
            f"(() => {{ const list = document.querySelector({json.dumps(selector)}); list.value = {json.dumps(value)};"
            " list.dispatchEvent(new Event('change', {bubbles: true})); })()"
        )
        assert self.evaluate(f"document.querySelector({json.dumps(selector)}).value") == value

    def give_files(self, selector: str, *paths: Path) -> None:
        """Chooses files in a file dialog."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(path) for path in paths])

    def _notice(self, method: str, parameters: dict[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
            case "Runtime.exceptionThrown":
                self.problems.append(json.dumps(parameters["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning", "assert"):
                self.problems.append(json.dumps(parameters["args"]))
            case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                self.problems.append(json.dumps(parameters["entry"]))


def pipe() -> tuple[int, int]:
    """The two ends of a pipe, with numbers that are no other program's standard streams."""
    ends = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return high[0], high[1]
