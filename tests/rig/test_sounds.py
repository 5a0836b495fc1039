"""The sounds that the demo's campaigns name are there, and Asterisk finds them by those names."""

from __future__ import annotations

import pytest
import pytest_twisted

from agentd.sandbox.data import campaigns
from agentd.sandbox.rig import Rig
from agentd.sandbox.tones import LEAVE_MESSAGE_HERTZ, MESSAGE_HERTZ, MUSIC_HERTZ, PROMPT_HERTZ, phone_hertz
from tests.rig.listen import listen, read_samples
from tests.rig.observer import Observer

TONES = (PROMPT_HERTZ, LEAVE_MESSAGE_HERTZ, MESSAGE_HERTZ, MUSIC_HERTZ, phone_hertz("501"))


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("key", "hertz", "seconds"), [("ivr_prompt", PROMPT_HERTZ, 25), ("leave_message", LEAVE_MESSAGE_HERTZ, 3)]
)
async def test_a_campaigns_sound_is_heard(rig: Rig, observer: Observer, key: str, hertz: int, seconds: int) -> None:
    for campaign in campaigns():
        name = getattr(campaign, key)
        samples, rate = read_samples(rig.pbx.folder / "data" / "sounds" / f"{name}.wav")
        assert len(samples) == seconds * rate
        leg = f"sound-{key}-{campaign.name}"
        await observer.originate(leg, "PJSIP/501", Application="Playback", Data=name)
        heard = await listen(observer, leg, rig.recordings, TONES)
        assert heard.hears == {hertz}
        assert heard.says == {phone_hertz("501")}
