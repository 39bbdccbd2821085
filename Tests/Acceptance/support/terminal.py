"""A person's terminal: a program runs in it, keys are pressed, and the screen is looked at."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import threading

import pyte

from support.installation import Installation
from support.waiting import TIMEOUT, wait_until


class Terminal:
    """A program in a terminal of its own, as a context manager."""

    def __init__(self, installation: Installation, *arguments: str, columns: int = 100, lines: int = 30, **more: str):
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.arguments = [installation.binary, *arguments]
        self.environment = installation.environment({"TERM": "xterm-256color", "LANG": "C.UTF-8"} | more)
        self.home = installation.home

    def __enter__(self) -> "Terminal":
        self.master, self.slave = pty.openpty()
        self.set_size(self.screen.columns, self.screen.lines)
        self.settings = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            self.arguments,
            cwd=self.home,
            env=self.environment,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            # A job of its own, as a shell makes it: of a session without a shell nobody could stop it.
            process_group=0,
        )
        self.is_closing = threading.Event()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.is_closing.set()
        self.reader.join()
        os.close(self.master)
        os.close(self.slave)

    def read(self) -> None:
        """Draws what the program writes."""
        while not self.is_closing.is_set():
            if select.select([self.master], [], [], 0.05)[0]:
                data = os.read(self.master, 65536)
                self.written += data
                self.stream.feed(data)

    def set_size(self, columns: int, lines: int) -> None:
        """Sets the size that the system tells the program."""
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, columns: int, lines: int) -> None:
        """Resizes the window. The program is told as the kernel does it."""
        self.screen.resize(lines, columns)
        self.set_size(columns, lines)
        os.kill(self.process.pid, 28)  # SIGWINCH

    def press(self, keys: str) -> None:
        """Presses keys."""
        os.write(self.master, keys.encode())

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, *texts: str) -> str:
        """Waits until all these texts are on the screen, and returns that."""

        def shown() -> str | None:
            text = self.text
            return text if all(wanted in text for wanted in texts) else None

        try:
            return wait_until(shown, f"the screen shows {texts}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows:\n{self.text}") from None

    def wait_for_end(self) -> int:
        """Waits for the end of the program, and returns its status. All is then as it was before."""
        status = self.process.wait(TIMEOUT)
        wait_until(lambda: self.written.endswith(LEAVING), "it leaves the screen to the shell")
        assert termios.tcgetattr(self.slave) == self.settings, "keys are echoed and read in lines again"
        return status


# Lines wrap again, the cursor is shown again, the shell's screen is back.
LEAVING = b"\x1b[?7h\x1b[?25h\x1b[?1049l"
