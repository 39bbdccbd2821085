"""What a person does with the web page, and what can be said of it as a whole."""

from typing import Any

from support.browser import Page

# Texts that are hard to read: those whose contrast with what is behind them is below WCAG's level AA.
FAINT_TEXTS = """(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((numbers(colour)[3] ?? 1) === 1) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const faint = [];
  let seen = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility({visibilityProperty: true})) continue;
    seen += 1;
    const style = getComputedStyle(element);
    const ground = behind(element);
    const [a, b] = [light(style.color), light(ground)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if ((a + 0.05) / (b + 0.05) < (isLarge ? 3 : 4.5)) faint.push([walker.currentNode.data, style.color, ground]);
  }
  return {seen, faint};
})()"""

CONTROLS = {"button", "link", "textbox", "combobox", "spinbutton", "DisclosureTriangle"}


def ask(page: Page, text: str, model: str, tokens: int = 24) -> None:
    """Sends a message, as somebody at a keyboard does."""
    page.choose("#chat-model", model)
    page.evaluate(f"document.querySelector('#set-tokens').value = {tokens}")
    page.evaluate("document.querySelector('#set-temperature').value = 0")
    page.evaluate("document.querySelector('#chat-text').focus()")
    page.write(text)
    page.press("Enter")


def wait_for_answer(page: Page, number: int = 1) -> str:
    """Waits until so many answers are complete, and returns the text of the last."""
    page.wait_for(
        f"document.querySelectorAll('.answer:not(.running)').length === {number}", f"answer {number} is complete"
    )
    problem = page.text(".answer:last-of-type .bad")
    assert not problem, problem
    return page.text(".answer:last-of-type .markdown")


def nameless_controls(page: Page) -> list[dict[str, Any]]:
    """Controls that a screen reader could not name."""
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    controls = [node for node in nodes if node.get("role", {}).get("value") in CONTROLS and not node.get("ignored")]
    assert len(controls) > 5, [node.get("role") for node in nodes]
    return [node for node in controls if not node.get("name", {}).get("value")]
