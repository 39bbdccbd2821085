"""Turns speech into text for Sarai: a Whisper model behind HTTP on a unix socket.

Sarai starts it like llama-server and speaks to it likewise: `GET /health` answers 503 until the model is loaded, `GET
/slots` tells whether it is at work, and it ends when its standard input does. `POST /transcribe?format=wav` takes a
file and answers with a line of JSON for each thing that was said, and a last one that says that this was all:

    {"start": 0.0, "end": 2.4, "text": "¿Qué hora es?"}
    {"done": true, "language": "es", "duration": 2.7}
"""

import argparse
import contextlib
import http.server
import json
import os
import shutil
import socketserver
import sys
import tempfile
import threading
import time
import urllib.parse

RATE = 16_000  # samples a second, as Whisper wants them
# What real recordings have.
SAMPLE_RATES = range(4_000, 384_001)
MOST_CHANNELS = 8
# Sounds are read and heard in pieces, so that memory does not grow with their length. As long as the model's window.
PIECE = 30 * RATE
# A piece ends where it is quietest within its last seconds, not in the middle of a word.
CUT_WITHIN = 8 * RATE
CUT_WINDOW = RATE // 5
FORMATS = ("wav", "mp3", "flac")
# Seconds between two signs of life while a piece is heard, and how long a piece may take: far more than on any machine
# that is of use, so that a worker that hangs does not live for ever.
HEARTBEAT = 5
LONGEST_PIECE = 600
LARGEST_FILE = 1 << 30


def fail(message: str) -> None:
    """End the process; the last line of the log says why."""
    print(f"error: {message}", file=sys.stderr, flush=True)
    os._exit(1)


def reason(error: BaseException) -> str:
    """Say what happened in one line, also where Python says nothing."""
    if isinstance(error, MemoryError):
        return f"out of memory {error}".rstrip()
    return " ".join(str(error).split()) or type(error).__name__


class NotSound(Exception):
    """What came is not a sound that can be decoded."""


class Sound:
    """A sound file, piece by piece."""

    def __init__(self, file, file_format: str) -> None:
        """Prepare to read a file of one of the known formats; its name is not trusted to choose a decoder."""
        self.file = file
        self.file_format = file_format
        self.samples = 0  # that have been read

    def pieces(self):
        """Yield the place where each piece begins, in seconds, and its samples."""
        import numpy

        read, length = [], 0
        for part in self.parts():
            read.append(part)
            length += len(part)
            if length <= PIECE:
                continue
            samples = numpy.concatenate(read)
            while len(samples) > PIECE:
                end = cut(samples[:PIECE])
                yield self.taken(samples[:end])
                samples = samples[end:]
            read, length = [samples], len(samples)
        if length:
            yield self.taken(numpy.concatenate(read))

    def taken(self, samples):
        """Count samples as read; return where they begin, in seconds, and the samples."""
        start = self.samples / RATE
        self.samples += len(samples)
        return start, samples

    def parts(self):
        """Yield samples as they are decoded. Damaged stretches are left out, as players do."""
        import av

        try:
            with av.open(self.file, format=self.file_format, metadata_errors="ignore") as container:
                if not container.streams.audio:
                    raise NotSound("there is no sound in it")
                resampler, shape = None, None
                for packet in container.demux(audio=0):
                    try:
                        frames = packet.decode()
                    except av.error.InvalidDataError:
                        continue
                    for frame in frames:
                        # Files that were joined change in the middle.
                        if shape != (shape := (frame.format.name, frame.layout.name, frame.sample_rate)):
                            check(frame)
                            yield from resampled(resampler, None)
                            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
                        frame.pts = None
                        yield from resampled(resampler, frame)
                yield from resampled(resampler, None)
        except av.error.FFmpegError as error:
            raise NotSound(reason(error)) from error


def check(frame) -> None:
    """Refuse what would become very much larger when it is resampled; no sound is like that."""
    if frame.sample_rate not in SAMPLE_RATES or frame.layout.nb_channels > MOST_CHANNELS:
        raise NotSound(f"{frame.sample_rate} samples a second of {frame.layout.nb_channels} channels")


def resampled(resampler, frame):
    """Yield the samples that a frame becomes, or at the end (`None`) what is left."""
    if resampler is not None:
        for sound in resampler.resample(frame):
            yield sound.to_ndarray().reshape(-1)


def cut(samples) -> int:
    """Find where a piece ends: in the middle of the quietest fifth of a second near its end."""
    import numpy

    tail = samples[-CUT_WITHIN:].astype(numpy.float32)
    loudness = numpy.add.reduceat(tail * tail, numpy.arange(0, len(tail), CUT_WINDOW))
    return len(samples) - len(tail) + int(numpy.argmin(loudness)) * CUT_WINDOW + CUT_WINDOW // 2


class Ears:
    """The model, which hears one sound at a time."""

    def __init__(self) -> None:
        """Begin without a model."""
        self.model = None
        self.turn = threading.Lock()

    def load(self, folder: str, threads: int) -> None:
        """Load the model in a folder."""
        from faster_whisper import WhisperModel

        # Eight bits are as right as 32 on our sentences, in a quarter of the memory.
        self.model = WhisperModel(
            folder, device="cpu", compute_type="int8", cpu_threads=threads, num_workers=1, local_files_only=True
        )

    def warm_up(self) -> None:
        """Hear a full window, speech or not, so that the peak of memory is reached."""
        import numpy

        noise = numpy.random.default_rng(0).standard_normal(PIECE).astype("float32") / 10
        for is_filtered in (True, False):
            segments, _ = self.model.transcribe(noise, language="en", temperature=0, vad_filter=is_filtered)
            list(segments)

    def hear(self, sound: Sound, language: str | None, prompt: str | None):
        """Yield what is said in a sound, and `None` before and after each piece: a sign of life."""
        for start, samples in sound.pieces():
            length = len(samples) / RATE
            yield language, None
            segments, info = self.model.transcribe(
                samples.astype("float32") / 32768,
                language=language,
                initial_prompt=prompt,
                # A mistake would be repeated from window to window.
                condition_on_previous_text=False,
                # Where nobody speaks, Whisper hears words that it has often heard: "You", "Thank you".
                vad_filter=True,
            )
            for segment in segments:
                text = segment.text.strip()
                if text:
                    # What was recognised in the first words holds for the rest.
                    language = language or info.language
                    # The model may place what it hears after the end.
                    first, last = (start + min(at, length) for at in (segment.start, segment.end))
                    yield language, {"start": first, "end": last, "text": text}
            yield language, None


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    # A client that sends half a request must not hold a thread for ever.
    timeout = 60
    ears: Ears

    def do_GET(self) -> None:
        """Answer how the worker is."""
        if self.path == "/health":
            if self.ears.model is None:
                self.answer(503, {"error": {"message": "loading the model"}})
            else:
                self.answer(200, {"status": "ok"})
        elif self.path == "/slots":
            self.answer(200, [{"id": 0, "is_processing": self.ears.turn.locked()}])
        else:
            self.answer(404, {"error": {"message": f"there is no {self.path}"}})

    def do_POST(self) -> None:
        """Transcribe the sound in the body, or warm up."""
        url = urllib.parse.urlsplit(self.path)
        fields = dict(urllib.parse.parse_qsl(url.query))
        length = int(self.headers.get("Content-Length") or 0)
        if url.path not in ("/transcribe", "/warm-up"):
            self.answer(404, {"error": {"message": f"there is no {url.path}"}})
        elif self.ears.model is None:
            self.answer(503, {"error": {"message": "loading the model"}})
        elif url.path == "/warm-up":
            with self.ears.turn:
                self.ears.warm_up()
            self.answer(200, {})
        elif fields.get("format") not in FORMATS or not 0 < length <= LARGEST_FILE:
            self.answer(400, {"error": {"message": f"expected a file with format={'|'.join(FORMATS)}"}})
        else:
            with tempfile.TemporaryFile() as file:
                shutil.copyfileobj(Body(self.rfile, length), file, 1 << 18)
                file.seek(0)
                with self.ears.turn:
                    self.transcribe(Sound(file, fields["format"]), fields.get("language"), fields.get("prompt"))

    def transcribe(self, sound: Sound, language: str | None, prompt: str | None) -> None:
        """Answer line by line. A client that has left is noticed when the next line is written."""
        is_begun = False
        try:
            with Heartbeat(lambda: self.write({"heard": sound.samples / RATE})) as heartbeat:
                for spoken, segment in self.ears.hear(sound, language, prompt):
                    if not is_begun:
                        self.begin(200, "application/x-ndjson")
                        is_begun = True
                    language = spoken
                    with heartbeat.held():
                        self.write(segment or {"heard": sound.samples / RATE})
            if not is_begun:
                raise NotSound("there is no sound in it")
            self.write({"done": True, "language": language, "duration": sound.samples / RATE})
        except (BrokenPipeError, ConnectionResetError):
            return
        except Exception as error:
            print(f"error: {reason(error)}", file=sys.stderr, flush=True)
            status = 400 if isinstance(error, NotSound) else 500
            message = f"the sound cannot be decoded: {reason(error)}" if status == 400 else reason(error)
            with contextlib.suppress(OSError):
                if is_begun:
                    self.write({"error": {"message": message, "status": status}})
                else:
                    self.answer(status, {"error": {"message": message}})

    def answer(self, status: int, body) -> None:
        """Send a whole answer."""
        self.begin(status, "application/json")
        self.write(body)

    def begin(self, status: int, content_type: str) -> None:
        """Send the head of an answer, whose end is that of the connection."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Connection", "close")
        self.end_headers()

    def write(self, value) -> None:
        """Send a line."""
        self.wfile.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")

    def log_message(self, format: str, *arguments) -> None:
        """Log nothing: a look at the health every 50 ms is no news, and the others have a log of their own."""


class Heartbeat:
    """Signs of life from a second thread while the first one is at work: a slow machine needs minutes for a piece."""

    def __init__(self, beat) -> None:
        """Call `beat` now and then, once there has been a first line."""
        self.beat = beat
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.last_line = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        """Begin."""
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        """End; afterwards no line comes any more."""
        self.is_over.set()
        self.thread.join()

    @contextlib.contextmanager
    def held(self):
        """Write a line that no beat breaks."""
        with self.lock:
            yield
            self.last_line = time.monotonic()

    def run(self) -> None:
        """Beat while there is reason to believe that the model is at work."""
        while not self.is_over.wait(HEARTBEAT):
            with self.lock:
                if self.last_line is None or time.monotonic() - self.last_line > LONGEST_PIECE:
                    continue
                try:
                    self.beat()
                except OSError:
                    # The other thread will notice it too.
                    return


class Body:
    """The body of a request as a file that ends where the body does."""

    def __init__(self, file, length: int) -> None:
        """Read `length` bytes from a connection."""
        self.file = file
        self.length = length

    def read(self, size: int) -> bytes:
        """Read on."""
        data = self.file.read(min(size, self.length))
        self.length -= len(data)
        if not data and self.length:
            raise ConnectionResetError("the request ended in the middle")
        return data


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The server; each request has a thread, so that health is answered while a sound is heard."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address) -> None:
        """Leave out what clients do that leave."""
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            print(f"error: {reason(error)}", file=sys.stderr, flush=True)


def end_with_input() -> None:
    """End when standard input does: nobody is left to work for."""
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--socket", required=True)
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()
    threading.Thread(target=end_with_input, daemon=True).start()
    Handler.ears = Ears()
    with Server(arguments.socket, Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            Handler.ears.load(arguments.model, arguments.threads)
        except ImportError as error:
            fail(f"{reason(error)}: the Python environment is not complete; 'sarai setup speech' makes it")
        except Exception as error:
            fail(f"cannot load {arguments.model}: {reason(error)}")
        threading.Event().wait()


if __name__ == "__main__":
    main()
