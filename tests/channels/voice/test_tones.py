"""The voice of the calls' tests: what it says can be read again, and something else is something else."""

import io
import wave

from tests.channels.voice import tones

TEXTS = ["您好，这里是示例银行。请问您是张三本人吗？\n请按1。", "再见。", "We have a message for you."]


def heard(text: str) -> bytes:
    with wave.open(io.BytesIO(tones.spoken(text))) as file:
        return file.readframes(file.getnframes())


def test_every_sentence_is_read_back_in_order() -> None:
    said = [sentence for text in TEXTS for sentence in tones.sentences(text)]

    assert said == tones.read(b"".join(map(heard, TEXTS)), TEXTS)


def test_a_tone_with_a_gap_in_it_is_one() -> None:
    pcm = heard("再见。")
    gap = bytes(2 * tones.FRAME)

    assert ["再见"] == tones.read(pcm[: 6 * tones.FRAME] + gap + pcm[6 * tones.FRAME :], TEXTS)


def test_a_sentence_that_nobody_knows_is_told_from_those_that_are_known() -> None:
    first, _, last = tones.read(heard("再见。您欠一百元。再见。"), TEXTS)

    assert ("再见", "再见") == (first, last)
    assert ["再见"] != tones.read(heard("您欠一百元。"), TEXTS)
