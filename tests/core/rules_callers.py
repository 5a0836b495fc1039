"""What callers and the administrator do in the property tests: in-groups of every kind, and a campaign that dials."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.model import Campaign, InGroup, Lead, Pick, RecordingRule, Treatment, TreatmentKind
from tests.core.desk import CAMPAIGN, NUMBER
from tests.core.rules_outside import DICE, Outside

LEVELS = st.sampled_from([0.0, 1.0, 2.0])
TREATMENTS = st.sampled_from(
    [
        Treatment(TreatmentKind.WAIT),
        Treatment(TreatmentKind.HANGUP),
        Treatment(TreatmentKind.MESSAGE, "agentd/closed"),
        Treatment(TreatmentKind.EXTENSION, "8500"),
        Treatment(TreatmentKind.INGROUP, "SALESLINE"),
        Treatment(TreatmentKind.INGROUP, "SUPPORT"),
        Treatment(TreatmentKind.VOICEMAIL, "100"),
    ]
)
LINES = st.builds(
    InGroup,
    name=st.sampled_from(["SALESLINE", "SUPPORT"]),
    number=st.just(1),
    active=st.sampled_from([True, True, True, False]),
    music=st.sampled_from(["", "sales"]),
    transfer_to=st.sampled_from(["", "SUPPORT"]),
    pick=st.sampled_from(Pick),
    priority=st.integers(min_value=-1, max_value=1),
    welcome=st.sampled_from(["", "agentd/welcome"]),
    announce_every=st.sampled_from([0, 15]),
    announce_wait=st.booleans(),
    hours=st.sampled_from(["", "", "mon 03:00-03:01"]),
    after_hours=TREATMENTS,
    no_agent=TREATMENTS,
    max_waiting=st.sampled_from([0, 0, 1]),
    full=TREATMENTS,
    drop_after=st.sampled_from([0, 0, 3, 30]),
    drop=TREATMENTS,
)


class Callers(Outside):
    """An administrator, and callers."""

    # --- the administrator ---------------------------------------------------------------------------------------

    @rule(
        wrapup=st.sampled_from([None, 0, 10]),
        queue=st.booleans(),
        after=st.sampled_from(["paused", "ready"]),
        recording=st.sampled_from(RecordingRule),
        level=LEVELS,
        drop=TREATMENTS,
    )
    def change_campaign(
        self, wrapup: int | None, queue: bool, after: str, recording: RecordingRule, level: float, drop: Treatment
    ) -> None:
        campaign = Campaign(
            "TESTCAMP",
            1,
            wrapup=wrapup,
            manual_queue=queue,
            after_manual=after,
            recording=recording,
            auto_dial_level=level,
            drop=drop,
            call_hours="",
            trunk=CAMPAIGN.trunk,
            statuses=CAMPAIGN.statuses,
            presets=CAMPAIGN.presets,
            webform=CAMPAIGN.webform,
            pause_codes=CAMPAIGN.pause_codes,
            ivr_prompt=CAMPAIGN.ivr_prompt,
            leave_message=CAMPAIGN.leave_message,
            default_ingroup=CAMPAIGN.default_ingroup,
        )
        self.centre.hear(c.ReferenceChanged((r.CampaignSet("TESTCAMP", campaign),)))

    @rule(ingroup=LINES)
    def change_ingroup(self, ingroup: InGroup) -> None:
        self.centre.hear(c.ReferenceChanged((r.InGroupSet(ingroup.name, ingroup),)))

    @rule(dice=DICE)
    def drop_campaign(self, dice: int) -> None:
        if dice >= 95:
            self.centre.hear(c.ReferenceChanged((r.CampaignSet("TESTCAMP", None),)))
        elif dice >= 92:
            self.centre.hear(c.ReferenceChanged((r.InGroupSet("SALESLINE", None),)))

    # --- callers -------------------------------------------------------------------------------------------------

    @rule(
        ingroup=st.sampled_from(["SALESLINE", "SALESLINE", "SUPPORT", "AGENTDIRECT", "CLOSED"]),
        priority=st.sampled_from([0, 0, 5]),
        wanted=st.sampled_from(["", "", "1000", "1029"]),
        lead_id=st.sampled_from([None, None, 77]),
        dice=DICE,
    )
    def calls_in(self, ingroup: str, priority: int, wanted: str, lead_id: int | None, dice: int) -> None:
        lead = Lead(lead_id, 101, "NEW", "1", NUMBER) if lead_id is not None else None
        self.pbx.call_in(ingroup, self.desk.now, priority=priority, wanted=wanted, lead=lead)
        if dice % 2 == 0 and self.desk.state.link_up:
            self.centre.go_well()

    @rule(ingroup=st.sampled_from(["SALESLINE", "SALESLINE", "SUPPORT"]), priority=st.sampled_from([0, 0, 5]))
    def comes_to_the_music(self, ingroup: str, priority: int) -> None:
        """A caller is in line; what is asked of Asterisk then is left to happen, or not."""
        if self.desk.state.link_up:
            self.pbx.call_in(ingroup, self.desk.now, priority=priority)
            self.centre.read_all()

    @rule(first=st.integers(min_value=77, max_value=90), count=st.integers(min_value=1, max_value=4), dice=DICE)
    def fill_hopper(self, first: int, count: int, dice: int) -> None:
        leads = tuple(Lead(each, 101, "NEW", "1", f"72755514{each}") for each in range(first, first + count))
        self.centre.hear(c.HopperFilled("TESTCAMP", leads))
        if dice % 2 == 0 and self.desk.state.link_up:
            self.centre.go_well()
