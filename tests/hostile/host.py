"""What a hostile program may be after on this host, and whether it got there."""

import hashlib
import os
import select
import socket
import subprocess
import sys
from pathlib import Path

SECRET = "sk-not-a-real-key-5d41402abc4b2a76"
KEY_VARIABLE = "OPENAI_API_KEY"


class Host:
    """Bait: servers, files, a process and a key. Programs know where all of it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for directory in (folder, *folder.parents[:2]):
            directory.chmod(0o755)
        (folder / "instances/eval").mkdir(parents=True)
        for name in ("verifier.py", "baselines.json", "instances/eval/secret.json"):
            (folder / name).write_text(f"{name}: {SECRET}\n")
            (folder / name).chmod(0o666)
        self._stream = socket.create_server(("", 0))
        self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagrams.bind(("", self._stream.getsockname()[1]))
        self._abstract = socket.socket(socket.AF_UNIX)
        self._abstract.bind(f"\0heurigym-bait-{os.getpid()}")
        self._named = socket.socket(socket.AF_UNIX)
        self._named.bind(str(folder / "bait.sock"))
        for listener in (self._abstract, self._named):
            listener.listen()
        self._victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(10_000)"])
        self._before = self._digest()

    def reveal(self, program: str) -> bytes:
        """A program with all it needs to know of the host."""
        places = {
            "PORT": self._stream.getsockname()[1],
            "HOST": socket.gethostname(),
            "ABSTRACT": f"heurigym-bait-{os.getpid()}",
            "SOCKET": self._folder / "bait.sock",
            "VERIFIER": self._folder / "verifier.py",
            "BASELINES": self._folder / "baselines.json",
            "INSTANCES": self._folder / "instances",
            "SECRET": SECRET,
            "HOME": Path.home(),
            "VICTIM": self._victim.pid,
        }
        for name, value in places.items():
            program = program.replace(f"@{name}@", str(value))
        return program.encode()

    def damage(self) -> list[str]:
        """What was touched; nothing on a host that is well protected."""
        found = []
        if self._digest() != self._before:
            found.append("files")
        if self._victim.poll() is not None:
            found.append("process")
        sockets = (self._stream, self._datagrams, self._abstract, self._named)
        if select.select(sockets, [], [], 0)[0]:
            found.append("sockets")
        if os.environ.get(KEY_VARIABLE) != SECRET:
            found.append("environment")
        return found

    def close(self) -> None:
        """Take the bait away."""
        self._victim.kill()
        self._victim.wait()
        for end in (self._stream, self._datagrams, self._abstract, self._named):
            end.close()

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for path in sorted(self._folder.rglob("*")):
            digest.update(f"{path} {path.lstat().st_mode}".encode())
            if path.is_file():
                digest.update(path.read_bytes())
        return digest.hexdigest()
