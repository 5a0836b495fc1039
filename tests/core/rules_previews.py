"""What agents do with leads before them in the property tests."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from agentd.core import commands as c
from agentd.core.commands import PreviewAction
from agentd.core.model import DialRequest, Lead, PreviewRule
from tests.core.desk import NUMBER
from tests.core.rules_agents import AGENTS, LEADS
from tests.core.rules_outside import DICE, Outside

ALTERNATIVES = {"alt_phone": "7275551213", "address3": "8500"}
RULES = st.sampled_from([PreviewRule.ENABLED, PreviewRule.ENABLED, PreviewRule.ONLY, PreviewRule.DISABLED])


class Previews(Outside):
    """They look at leads, and dial them, or their other numbers, or do not."""

    @rule(agent=AGENTS, lead_id=LEADS, full=st.booleans(), dice=DICE)
    def preview(self, agent: str, lead_id: int | None, full: bool, dice: int) -> None:
        lead = Lead(lead_id, 101, "NEW", "1", NUMBER, dict(ALTERNATIVES) if full else {}) if lead_id else None
        self._give(c.Dial(agent, DialRequest(NUMBER, "1", lead=lead, preview=True)), dice)

    @rule(agent=AGENTS, action=st.sampled_from(PreviewAction), dice=DICE)
    def act_on_preview(self, agent: str, action: PreviewAction, dice: int) -> None:
        self._give(c.ActOnPreview(agent, action), dice)

    @rule(preview=RULES, alternatives=st.sampled_from([True, True, False]))
    def change_previews(self, preview: PreviewRule, alternatives: bool) -> None:
        if self.desk.campaign.name in self.desk.state.campaigns:
            self.desk.change_campaign(preview=preview, alternative_numbers=alternatives)
