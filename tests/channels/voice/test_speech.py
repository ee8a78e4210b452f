"""Text becomes sound: by a command, at the telephone's rate, and gone with its call."""

import io
import math
import sys
import wave
from array import array
from itertools import pairwise
from pathlib import Path

import pytest

from service.channels.voice.phrases import PHRASES, Sound, phrases, spoken
from service.channels.voice.speech import Speaker, Speechless, telephone
from tests.channels.dispatches import a_message

SAYS_A_WAVE = """
import math, struct, sys, wave
text = sys.stdin.buffer.read().decode()
assert text not in sys.argv and sys.argv[1] in ("cmn", "en")
file = wave.open(sys.stdout.buffer, "wb")
file.setparams((1, 2, 22050, 0, "NONE", ""))
file.writeframesraw(b"".join(struct.pack("<h", int(9000 * math.sin(n / 20))) for n in range(2205 * len(text))))
"""


def a_speaker(folder: Path, recorded: Path | None = None, script: str = SAYS_A_WAVE) -> Speaker:
    return Speaker((sys.executable, "-c", script, "{voice}"), {"zh": "cmn"}, folder, recorded)


def a_sine(rate: int, hertz: int, channels: int = 1) -> bytes:
    out = io.BytesIO()
    samples = array("h", (int(9000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(rate)))
    with wave.open(out, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return out.getvalue()


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 48000])
def test_a_tone_keeps_its_length_and_its_height(rate: int) -> None:
    with wave.open(io.BytesIO(telephone(a_sine(rate, 400)))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8000, 1, 8000)
        samples = array("h")
        samples.frombytes(file.readframes(8000))
    crossings = sum(1 for a, b in pairwise(samples) if a < 0 <= b)
    assert abs(crossings - 400) <= 1
    assert 8000 < max(samples) <= 9000


@pytest.mark.parametrize("spoken", [b"", b"RIFF", a_sine(8000, 400, channels=2), a_sine(4000, 400)])
def test_what_is_no_speech_is_refused(spoken: bytes) -> None:
    with pytest.raises(Speechless):
        telephone(spoken)


async def test_what_belongs_to_a_call_is_gone_with_it_and_the_rest_is_spoken_once(tmp_path: Path) -> None:
    speaker = a_speaker(tmp_path)
    texts = {Sound.private: "一百元", Sound.goodbye: "再见"}

    first = await speaker.prepare("a1", "zh-CN", texts)
    second = await speaker.prepare("a2", "zh-CN", texts)
    assert first[Sound.goodbye] == second[Sound.goodbye] and first[Sound.private] != second[Sound.private]
    speaker.forget("a1")
    assert not Path(f"{first[Sound.private]}.wav").exists()
    speaker.forget_all_but(frozenset())
    assert [path.suffix for path in tmp_path.iterdir()] == [".wav"]


async def test_a_recorded_prompt_is_taken_where_there_is_one(tmp_path: Path) -> None:
    prompt = tmp_path / "prompts" / "en" / "goodbye.wav"
    prompt.parent.mkdir(parents=True)
    prompt.write_bytes(telephone(a_sine(8000, 400)))

    sounds = await a_speaker(tmp_path / "sounds", tmp_path / "prompts").prepare("a1", "en", {Sound.goodbye: "Bye"})

    assert sounds == {Sound.goodbye: str(prompt.with_suffix(""))}


@pytest.mark.parametrize("script", ["raise SystemExit(1)", "print('no sound')"])
async def test_a_command_that_fails_is_told(tmp_path: Path, script: str) -> None:
    with pytest.raises(Speechless):
        await a_speaker(tmp_path, script=script).prepare("a1", "en", {Sound.private: "Hello"})
    with pytest.raises(Speechless):
        await Speaker(("no-such-command",), {}, tmp_path, None).prepare("a1", "en", {Sound.private: "Hello"})


def test_only_the_message_itself_holds_what_is_private() -> None:
    message = a_message()._replace(
        parts=(("opening", "", "您好"), ("verification", "", "您是？"), ("body", "", "欠款"))
    )
    message = message._replace(parts=tuple(type(a_message().parts[0])(*part) for part in message.parts))

    texts = spoken(message, "95000")

    assert [sound for sound, text in texts.items() if "欠款" in text] == [Sound.private]
    assert "95000" in texts[Sound.limited]
    assert phrases("th") is PHRASES["en"] and phrases("zh-Hant-TW") is PHRASES["zh"]
