"""What an error says, in whichever dialect."""

from typing import Any


def message_of(document: dict[str, Any]) -> str:
    """The message of an error's document."""
    error = document["error"]
    return error if isinstance(error, str) else error["message"]
