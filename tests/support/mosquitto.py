"""A real MQTT broker for tests: Mosquitto on a free port, with a password and a memory on disk."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

USER, PASSWORD = "shop", "correct-horse"
_START_SECONDS = 10.0
_CONFIGURATION = """
listener {port} 127.0.0.1
allow_anonymous false
password_file {folder}/passwords
persistence true
persistence_location {folder}/
autosave_interval 1
max_queued_messages 0
log_dest file {folder}/log
user {user}
"""


def program(name: str = "mosquitto") -> str | None:
    """Return where a program of Mosquitto lies; those of servers are not on everybody's path."""
    return shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


class Mosquitto:
    """The broker. It may be killed and started again; what it was told to keep is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        maker = program("mosquitto_passwd")
        assert maker is not None
        subprocess.run(
            [maker, "-b", "-c", str(folder / "passwords"), USER, PASSWORD],
            check=True, capture_output=True,
        )  # fmt: skip
        (folder / "configuration").write_text(
            _CONFIGURATION.format(port=self.port, folder=folder, user=getpass.getuser())
        )

    def start(self) -> None:
        """Return once it lets clients in."""
        broker = program()
        assert broker is not None
        self._process = subprocess.Popen(
            [broker, "-c", str(self.folder / "configuration")], stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text()
                time.sleep(0.02)

    def stop(self) -> None:
        """End it in good order: it writes down what it keeps."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End it at once, as a power cut does, when it has written down what it keeps."""
        assert self._process is not None
        kept, before = self.folder / "mosquitto.db", time.time_ns()
        deadline = time.monotonic() + _START_SECONDS
        while not kept.exists() or kept.stat().st_mtime_ns < before:
            assert time.monotonic() < deadline, "the broker writes nothing down"
            time.sleep(0.02)
        self._process.kill()
        self._process.wait()
        self._process = None

    def publish(self, *messages: tuple[str, bytes], retain: bool = False, quality: int = 1) -> None:
        """Have a device tell something, and return once the broker has it."""
        with self._device() as device:
            for topic, payload in messages:
                device.publish(topic, payload, qos=quality, retain=retain).wait_for_publish(10)

    @contextmanager
    def _device(self) -> Iterator[paho.Client]:
        device = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        device.username_pw_set(USER, PASSWORD)
        device.connect("127.0.0.1", self.port)
        device.loop_start()
        try:
            yield device
        finally:
            device.disconnect()
            device.loop_stop()
