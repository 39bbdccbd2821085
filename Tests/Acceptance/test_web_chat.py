"""Conversations in a real browser: answers as they come, from whom, and what happens on the way."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.asking import LONG, completion, said
from support.browser import Browser, Page
from support.chaos import Proxy, cut
from support.daemon import Daemon
from support.installation import E5_SMALL, EXAMPLES, TINY_LLM, Installation
from support.media import png, wav
from support.page import ask, wait_for_answer
from support.waiting import wait_until

QUESTION = "Tell me a short story about a cat named Luna."

# What models write, and what becomes of it.
MARKDOWN = {
    "<img src=x onerror=alert(1)>": "<p>&lt;img src=x onerror=alert(1)&gt;</p>",
    "**bold**, *slanted*, `code < 1`": "<p><strong>bold</strong>, <em>slanted</em>, <code>code &lt; 1</code></p>",
    "[here](javascript:alert)": '<p>here<span class="address"> (javascript:alert)</span></p>',
    "```html\n<b>no</b>\n```": '<pre tabindex="0"><code>&lt;b&gt;no&lt;/b&gt;</code></pre>',
    "```\nunfinished": '<pre tabindex="0"><code>unfinished</code></pre>',
    "1. one\n2. two\n   - deep": "<ol><li>one</li><li>two<ul><li>deep</li></ul></li></ol>",
    "- a\n\n- b\n\nafter": "<ul><li>a</li><li>b</li></ul><p>after</p>",
    "snake_case_name and 3 * 4 * 5": "<p>snake_case_name and 3 * 4 * 5</p>",
    "> quoted\n> twice": "<blockquote><p>quoted\ntwice</p></blockquote>",
    "# Title": "<h4>Title</h4>",
    "\\*not slanted\\*": "<p>*not slanted*</p>",
    "***": "<hr>",
    "|a|b|\n|-|-|\n| 1 | <i> |": '<div class="table" tabindex="0"><table><thead><tr><th>a</th><th>b</th></tr></thead>'
    "<tbody><tr><td>1</td><td>&lt;i&gt;</td></tr></tbody></table></div>",
}


@pytest.fixture(scope="module")
def server(installation: Installation, lan: Daemon) -> Iterator[Proxy]:
    """The server of the network, behind a proxy that can break what it says."""
    with Proxy(installation, lan.url) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def pool(installation: Installation, server: Proxy) -> Iterator[Daemon]:
    """The quick start with that server."""
    with Daemon(installation, EXAMPLES / "quickstart.yaml", {"OLLAMA_BASE_URL": server.url}) as daemon:
        daemon.wait_until_ready()
        daemon.load("solar")
        yield daemon


@pytest.fixture
def page(browser: Browser, pool: Daemon, server: Proxy) -> Iterator[Page]:
    """The page on a wide screen, ready to ask, with everything well."""
    mend(server, pool)
    with browser.open(pool.url, size=(1440, 1000)) as page:
        page.wait_for("document.querySelector('#chat-model').options.length > 3", "the models are there")
        yield page


def mend(server: Proxy, pool: Daemon) -> None:
    """Makes everything well, and asks until that is noticed."""
    server.set()
    remote = f"solar/ollama_http@{server.authority}"
    wait_until(lambda: completion(pool, "solar").headers.get("X-Sarai-Target") == remote, "the server answers")


def test_an_answer_is_what_the_model_says(page: Page, pool: Daemon, server: Proxy) -> None:
    ask(page, "Say hello.", "lfm2", tokens=8)
    answer = wait_for_answer(page)
    assert answer.split() == said(completion(pool, "lfm2", tokens=8)).split()
    assert page.text(".question > :last-child") == "Say hello."
    assert page.text(".answer .who code") == "lfm2/gguf_native"
    meta = page.text(".answer .meta")
    assert "8 tokens" in meta and "tokens/s" in meta and "cut short" in meta
    assert page.focused() == "chat-text"
    # The conversation goes on: the model is told what was said before.
    ask(page, "And now in other words.", "solar", tokens=8)
    wait_for_answer(page, 2)
    assert page.text(".answer:last-of-type .who code") == f"solar/ollama_http@{server.authority}"
    page.click("#chat-new")
    assert page.evaluate("document.querySelectorAll('.answer, .question').length") == 0
    assert page.focused() == "chat-text"


@pytest.mark.parametrize("how", ["Escape", "the button"])
def test_an_answer_is_stopped(page: Page, pool: Daemon, how: str) -> None:
    ask(page, LONG, "lfm2", tokens=1500)
    page.wait_for("document.querySelector('.markdown')?.innerText.length > 40", "some of the answer is there")
    assert page.evaluate("document.querySelector('#chat-send').ariaLabel") == "Stop"
    assert pool.model("lfm2")["in_flight"] == 1
    page.wait_for_text('[data-model="lfm2"] .activity-note', "1 answer running")
    page.press("Escape") if how == "Escape" else page.click("#chat-send")
    wait_for_answer(page)
    assert "stopped" in page.text(".answer .meta")
    assert len(page.text(".answer .markdown")) > 40
    pool.wait_for("lfm2", lambda model: model["in_flight"] == 0, "the model is free")
    assert page.evaluate("document.querySelector('#chat-send').ariaLabel") == "Send"


def test_a_failover_as_it_happens(page: Page, pool: Daemon, server: Proxy) -> None:
    remote = f"solar/ollama_http@{server.authority}"
    page.wait_for(f"document.querySelector('[data-target=\"{remote}\"]').dataset.state === 'ready'", "it is well")
    server.set({"fault": "refuse"})
    server.reset_connections()
    ask(page, "Say hello.", "solar", tokens=8)
    wait_for_answer(page)
    assert page.text(".answer .who code") == "solar/gguf_native"
    assert page.text(".answer .marks").startswith("solar/gguf_native stood in; ")
    page.wait_for(
        f"document.querySelector('[data-target=\"{remote}\"]').dataset.state === 'failed'", "the server is left alone"
    )
    assert "left alone" in page.text(f'[data-target="{remote}"]')
    assert page.text(f'[data-target="{remote}"] .reason')
    page.wait_for("document.querySelector('#events [data-kind=ejected]')", "the event is there")
    mend(server, pool)
    page.wait_for(
        f"document.querySelector('[data-target=\"{remote}\"]').dataset.state === 'ready'", "the server is well again"
    )


def test_an_answer_that_goes_on_elsewhere_shows_where(page: Page, server: Proxy) -> None:
    server.set(cut(6) | {"path": "/api/chat", "times": 1})
    ask(page, QUESTION, "solar", tokens=32)
    answer = wait_for_answer(page)
    assert "solar/gguf_native went on where" in page.text(".answer .marks")
    assert page.evaluate("document.querySelectorAll('.answer .seam').length") == 1
    before = page.evaluate(
        "(() => { const range = document.createRange(); range.selectNodeContents(document.querySelector('.markdown'));"
        " range.setEndBefore(document.querySelector('.seam')); return range.toString(); })()"
    )
    assert before and answer.startswith(before.strip())
    assert len(answer) > len(before.strip())
    assert "\ue000" not in answer


def test_a_pipeline_tells_its_steps(page: Page) -> None:
    ask(page, "My cat died. How do I tell my daughter?", "sarai:tone", tokens=16)
    wait_for_answer(page)
    assert page.text(".answer .steps summary").startswith("tone")
    page.click(".answer .steps summary")
    assert page.evaluate("document.querySelectorAll('.answer .steps li').length") >= 2
    assert "lfm2/gguf_native" in page.text(".answer .steps")
    assert page.evaluate("!document.querySelector('#events [data-kind=step]').hidden")


def test_the_speed_of_a_pipeline_is_that_of_its_last_step(page: Page) -> None:
    """Two pieces half a second apart: 11 tokens that came while one could look, and 989 that were made before."""
    figures = page.evaluate(
        """import('/ui/answer.js').then(async ({Answer}) => {
          const steps = [{name: 'thought', outcome: 'done', seconds: 9, prompt_tokens: 1, completion_tokens: 989},
            {name: 'answer', outcome: 'done', seconds: 1, prompt_tokens: 1, completion_tokens: 11}];
          const piece = (content) => ({choices: [{delta: {content}}]});
          const end = {choices: [], usage: {completion_tokens: 1000}, sarai: {name: 'twice', steps}};
          const body = new ReadableStream({async start(stream) {
            const send = (chunk) => stream.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n`));
            send(piece('one '));
            await new Promise((done) => setTimeout(done, 500));
            [piece('two'), end].forEach(send);
            stream.close();
          }});
          const real = window.fetch;
          window.fetch = (path, ...rest) => path === '/v1/chat/completions'
            ? Promise.resolve(new Response(body)) : real(path, ...rest);
          const answer = new Answer('sarai:twice');
          await answer.run({messages: []});
          window.fetch = real;
          return answer.meta.textContent;
        })"""
    )
    assert "1000 tokens" in figures
    speed = float(re.search(r"([\d.,]+) tokens/s", figures)[1].replace(",", ""))
    assert 1 < speed < 200, "10 tokens after the first in about half a second, not 999"


def test_what_is_being_typed_is_shown_to_the_router_where_it_chooses(page: Page) -> None:
    asked = "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/api/pool/prefetch')).length"
    page.choose("#chat-model", "lfm2")
    page.evaluate("document.querySelector('#chat-text').focus()")
    page.write("What is a semaphore")
    # As long as the page would wait before it asks, and as long again.
    page.evaluate("new Promise((done) => setTimeout(done, 600))")
    assert page.evaluate(asked) == 0, "who has chosen a model needs no router"
    page.choose("#chat-model", "sarai:auto")
    page.evaluate("document.querySelector('#chat-text').focus()")
    for piece in (" in", " an operating", " system?"):
        page.write(piece)
    page.wait_for(f"{asked} === 1", "the pieces that came at once were asked about at once")


def test_models_that_write_nothing_are_not_offered(browser: Browser, installation: Installation) -> None:
    local = {"backend": "gguf_native"}
    models = {
        "writer": local | {"role": "small", "gguf": TINY_LLM},
        "judge": local | {"role": "reranker", "gguf": E5_SMALL},
        "vectors": local | {"role": "embedding", "gguf": E5_SMALL},
    }
    with Daemon(installation, {"models": models}) as daemon, browser.open(daemon.url) as page:
        page.wait_for("document.querySelector('#chat-model').options.length", "the models are there")
        offered = page.evaluate("[...document.querySelector('#chat-model').options].map((option) => option.value)")
        assert [name for name in offered if not name.startswith("sarai:")] == ["writer"]


def test_pictures_and_sounds(page: Page, tmp_path: Path) -> None:
    picture, sound, other = tmp_path / "photo.png", tmp_path / "tone.wav", tmp_path / "list.csv"
    picture.write_bytes(png())
    sound.write_bytes(wav())
    other.write_text("a,b")
    page.give_files("#file-input", picture, sound, other)
    page.wait_for("document.querySelectorAll('#files li').length === 2", "both files are shown")
    page.wait_for_text("#alarm", "list.csv")
    page.click("#files li:last-child button")
    page.wait_for("document.querySelectorAll('#files li').length === 1", "the sound is taken back")
    page.give_files("#file-input", sound)
    page.wait_for("document.querySelectorAll('#files li').length === 2", "it is there again")
    ask(page, "What is this?", "omni", tokens=4)
    wait_for_answer(page)
    assert page.evaluate("document.querySelector('.question img').naturalWidth") == 96
    assert page.evaluate("document.querySelectorAll('.question audio').length") == 1
    assert page.evaluate("document.querySelectorAll('#files li').length") == 0


def test_a_file_is_dropped_and_pasted(page: Page) -> None:
    script = """((kind) => {{
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array([137, 80, 78, 71])], kind + '.png', {{type: 'image/png'}}));
      const area = document.querySelector(kind === 'drop' ? '#transcript' : '#chat-text');
      area.dispatchEvent(kind === 'drop' ? new DragEvent('drop', {{dataTransfer: transfer, bubbles: true}})
        : new ClipboardEvent('paste', {{clipboardData: transfer, bubbles: true}}));
    }})('{}')"""
    for number, kind in enumerate(["drop", "paste"], 1):
        page.evaluate(script.format(kind))
        page.wait_for(f"document.querySelectorAll('#files li').length === {number}", f"the file is there: {kind}")


def test_an_error_is_shown_and_the_question_taken_back(page: Page, pool: Daemon) -> None:
    ask(page, "word " * 4000, "lfm2")
    page.wait_for("document.querySelector('.answer .bad:not([hidden])')", "the answer says why there is none")
    assert "context" in page.text(".answer .bad")
    ask(page, "Say hello.", "lfm2", tokens=4)
    page.wait_for(
        "document.querySelectorAll('.answer:not(.running) .meta:not([hidden])').length", "the next one is there"
    )
    # The browser notes the status of the answer by itself.
    page.problems = [problem for problem in page.problems if "status of 400" not in problem]


def test_markdown_is_shown_and_never_read_as_html(page: Page) -> None:
    for source, html in MARKDOWN.items():
        shown = page.evaluate(
            "import('/ui/markdown.js').then(({showMarkdown}) => { const element = document.createElement('div');"
            f" showMarkdown(element, {json.dumps(source)}); return element.innerHTML; }})"
        )
        assert shown == html, source


def test_markdown_grows_without_being_made_anew(page: Page) -> None:
    """However the text is cut into pieces, the end is the same, and blocks that are complete keep their elements."""
    assert page.evaluate(
        """import('/ui/markdown.js').then(({showMarkdown}) => {
          const source = 'First **one**.\\n\\n- a\\n- b\\n\\n```js\\nlet a = 1;\\n```\\nLast `x`.';
          const whole = document.createElement('div'), growing = document.createElement('div');
          showMarkdown(whole, source);
          let first = null;
          for (let end = 1; end <= source.length; end += 1) {
            showMarkdown(growing, source.slice(0, end));
            if (end === 20) first = growing.firstChild;
          }
          return whole.innerHTML === growing.innerHTML && growing.firstChild === first;
        })"""
    )
