"""
Text to sound: a command that reads text and writes WAV, and the telephone's own form of it, 8 kHz mono.

The text goes in by the standard input, for whoever lists processes may read a command's words. What belongs to one
call lies in a folder of its own and is gone with it; what every call says lies beside, spoken once, or recorded.
"""

import asyncio
import contextlib
import hashlib
import io
import os
import shutil
import wave
from array import array
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from pathlib import Path

from .phrases import Sound

RATE = 8000
_SHARED = frozenset({Sound.goodbye, Sound.wrong, Sound.third, Sound.stopped})
"""What is the same in every call."""


class Speechless(Exception):
    """It could not be spoken."""


class Speaker:
    """`folder` is read by Asterisk under the same path; `recorded` may hold `<locale>/<sound>.wav`, at 8 kHz."""

    def __init__(self, command: Sequence[str], voices: Mapping[str, str], folder: Path, recorded: Path | None) -> None:
        self._command = command
        self._voices = voices
        self._folder = folder
        self._recorded = recorded

    async def prepare(self, call: str, locale: str, texts: Mapping[Sound, str]) -> dict[Sound, str]:
        """Speak all that a call may say; give the files, named as Asterisk wants them. Raises `Speechless`."""
        jobs = {sound: self._place(call, locale, sound, text) for sound, text in texts.items()}
        missing = [(texts[sound], path) for sound, path in jobs.items() if not path.exists()]
        await asyncio.gather(*(self._speak(text, locale, path) for text, path in missing))
        return {sound: str(path.with_suffix("")) for sound, path in jobs.items()}

    def forget(self, call: str) -> None:
        """Remove what was spoken for one call."""
        shutil.rmtree(self._folder / call, ignore_errors=True)

    def forget_all_but(self, calls: frozenset[str]) -> None:
        """Remove what calls left behind whose process died."""
        with contextlib.suppress(FileNotFoundError):
            for left in self._folder.iterdir():
                if left.is_dir() and left.name not in calls:
                    self.forget(left.name)

    def _place(self, call: str, locale: str, sound: Sound, text: str) -> Path:
        recorded = self._recorded and self._recorded / locale / f"{sound}.wav"
        if recorded and recorded.exists():
            return recorded
        if sound in _SHARED:
            return self._folder / f"{sound}-{hashlib.sha256(f'{locale}:{text}'.encode()).hexdigest()[:16]}.wav"
        return self._folder / call / f"{sound}.wav"

    async def _speak(self, text: str, locale: str, path: Path) -> None:
        voice = self._voices.get(locale) or self._voices.get(locale.partition("-")[0].lower()) or locale
        command = [word.replace("{voice}", voice) for word in self._command]
        pipe, quiet = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=quiet)
        except OSError as error:
            raise Speechless(type(error).__name__) from None
        try:
            spoken, _ = await process.communicate(text.encode())
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode:
            raise Speechless("the command failed")
        await asyncio.to_thread(_keep, spoken, path)


def _keep(spoken: bytes, path: Path) -> None:
    """Write a sound whole or not at all, for Asterisk's group to read and nobody else."""
    try:
        sound = telephone(spoken)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{id(spoken)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "wb") as file:
            file.write(sound)
        draft.replace(path)
    except OSError as error:
        raise Speechless(type(error).__name__) from None


def telephone(spoken: bytes) -> bytes:
    """Turn 16-bit mono WAV of any rate into 8 kHz; each sample is the mean of those it stands for."""
    try:
        with wave.open(io.BytesIO(spoken)) as file:
            if (file.getnchannels(), file.getsampwidth()) != (1, 2) or not (rate := file.getframerate()):
                raise Speechless("not 16-bit mono")
            # A command that writes to a pipe does not know the length, and says any.
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        raise Speechless("not WAV") from None
    samples = array("h")
    samples.frombytes(raw[: len(raw) // 2 * 2])
    if rate < RATE or not samples:
        raise Speechless("too little")
    sums = [0, *accumulate(samples)]
    edges = [n * rate // RATE for n in range(len(samples) * RATE // rate + 1)]
    said = array("h", ((sums[end] - sums[begin]) // (end - begin) for begin, end in pairwise(edges)))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, RATE, len(said), "NONE", ""))
        file.writeframes(said.tobytes())
    return out.getvalue()
