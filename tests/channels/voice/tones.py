"""
A voice whose words can be heard again: each sentence is three tones, and what was heard is read back as sentences.

Run as a program it is the command that speaks: text on standard input, 16-bit mono WAV on standard output.
"""

import hashlib
import io
import math
import re
import sys
import wave
from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby

RATE = 8000
FRAME = 160
BANK = 8
TONES = tuple(range(400, 400 + 3 * BANK * 100, 100))
"""Three banks of eight, in hertz. No two sound together, so none is taken for a key."""

TONE_FRAMES, PAUSE_FRAMES, HEARD_FRAMES_MIN = 6, 3, 2
LOUD = 0.05

VOICE = (sys.executable, __file__)

Code = tuple[int, int, int]
"""One tone of each bank. So no tone follows on itself, and one with a gap in it is still one."""


def sentences(text: str) -> list[str]:
    return re.findall(r"[^。\n]+", text)


def read(pcm: bytes, vocabulary: Iterable[str]) -> list[str]:
    """Give the sentences that were heard, in order; what is none of the vocabulary's is shown by its tones."""
    known = {code(sentence): sentence for text in vocabulary for sentence in sentences(text)}
    heard: list[list[int]] = []
    for tone in _heard(pcm):
        if tone < BANK or not heard:
            heard.append([])
        heard[-1].append(tone)
    return [known.get((one[0], one[1], one[2]), f"?{one}") if len(one) == 3 else f"?{one}" for one in heard]


def code(sentence: str) -> Code:
    digest = hashlib.sha256(sentence.encode()).digest()
    return digest[0] % BANK, BANK + digest[1] % BANK, 2 * BANK + digest[2] % BANK


def _heard(pcm: bytes) -> Iterator[int]:
    samples = array("h")
    samples.frombytes(pcm[: len(pcm) // 2 * 2])
    frames = (samples[at : at + FRAME] for at in range(0, len(samples) - FRAME + 1, FRAME))
    runs = ((tone, len(list(run))) for tone, run in groupby(map(_loudest, frames)))
    whole = (tone for tone, length in runs if tone is not None and length >= HEARD_FRAMES_MIN)
    yield from (tone for tone, _ in groupby(whole))


def _loudest(frame: "array[int]") -> int | None:
    """Tell which tone a fiftieth of a second holds; None: silence, or two halves of tones."""
    powers = [_power(frame, hertz) for hertz in TONES]
    best = max(range(len(TONES)), key=powers.__getitem__)
    return best if powers[best] > LOUD else None


def _power(frame: "array[int]", hertz: int) -> float:
    """Goertzel's way to one line of the spectrum; a tone as loud as can be is 1."""
    turn = 2 * math.cos(2 * math.pi * hertz / RATE)
    one = two = 0.0
    for sample in frame:
        one, two = sample / 32768 + turn * one - two, one
    return (one * one + two * two - turn * one * two) / (FRAME / 2) ** 2


def spoken(text: str) -> bytes:
    """Speak a text: WAV."""
    samples = array("h")
    for tone in (tone for sentence in sentences(text) for tone in code(sentence)):
        turn = 2 * math.pi * TONES[tone] / RATE
        samples.extend(int(16000 * math.sin(turn * n)) for n in range(TONE_FRAMES * FRAME))
        samples.extend([0] * (PAUSE_FRAMES * FRAME))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, RATE, len(samples), "NONE", ""))
        out.writeframes(samples.tobytes())
    return file.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(spoken(sys.stdin.buffer.read().decode()))
