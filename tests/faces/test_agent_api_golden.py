"""The agent API's golden transcripts, on both of its paths."""

from __future__ import annotations

import re

import pytest

from agentd.dialects.agent_api.asked import PATHS
from tests.faces.agent_api import TRANSCRIPTS, serve
from tests.faces.house import House
from tests.faces.transcripts import FOLDER, Scene, play, scenes

SCENES = [scene for name in TRANSCRIPTS for scene in scenes(name)]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_scene(house: House, scene: Scene, path: str) -> None:
    serve(house)
    play(house, scene, lambda target: target.replace("/agc/api.php", f"/{path}"))


# The lines of both documents, with what differs between requests left out. K is only on the later document's path.
# (version and webserver have tests of their own.)
DOCUMENTED = """
ERROR: external_hangup not valid - V|A
ERROR: no user found - A
ERROR: agent_user is not logged in - A
SUCCESS: external_hangup function set - V|A
ERROR: external_status not valid - V|A
SUCCESS: external_status function set - V|A
ERROR: external_pause not valid - V|A
SUCCESS: external_pause function set - V|T|A
ERROR: logout not valid - V|A
SUCCESS: logout function set - V|T|A
ERROR: external_dial not valid - V|C|S|A
ERROR: agent_user is not allowed to place manual dial calls - A
ERROR: group_alias is not valid - A|G
ERROR: vtiger callback activity does not exist in vtiger system - V
ERROR: phone_number is already in this agents manual dial queue - A|V
ERROR: lead_id is not valid - A|L
ERROR: phone number is not valid - A||L|
ERROR: phone number lead_id search not found - A|V|L|
SUCCESS: external_dial function set - V|A|C|S|P|F|L|T|D|G|I|
ERROR: preview_dial_action not valid - V|C|S|A
ERROR: preview dialing not allowed on this campaign - A|C|DISABLED
ERROR: preview dial skipping not allowed on this campaign - A|C|PREVIEW_ONLY
ERROR: alt number dialing not allowed on this campaign - A|C|N
SUCCESS: preview_dial_action function set - V|A|V
ERROR: external_add_lead not valid - V|C|A|
ERROR: lead insertion failed - V|C|I|A
ERROR: add_lead PHONE NUMBER IN DNC - V|A
ERROR: add_lead PHONE NUMBER IN CAMPAIGN DNC - V|C|A
ERROR: campaign manual dial list undefined - V|C|A
SUCCESS: lead added - V|C|I|L|A
ERROR: update_fields not valid - A
ERROR: user is not allowed to modify lead information - A|U
ERROR: agent_user does not have a lead on their screen - A|U
ERROR: no fields have been defined - A
SUCCESS: update_fields lead updated - U|A|L|vendor_lead_code='1234567',address1=''
ERROR: set_timer_action not valid - A
ERROR: user is not allowed to modify campaign settings - A|U
SUCCESS: set_timer_action lead updated - U|A|MESSAGE_ONLY|test message|15
ERROR: st_login_log not valid - V|I
SUCCESS: st_login_log user found - A
ERROR: st_get_agent_active_lead not valid - V|I
ERROR: no active lead found - A
SUCCESS: st_get_agent_active_lead lead found - A|7275551212|123456|9987-1234765|SK|WILLIAMS|JUH764AJJJ9
ERROR: recording not valid - V|A
ERROR: webphone_url not valid - A|V
ERROR: webphone_url error - webphone url is empty - A
ERROR: webphone_url error - no session data - A
ERROR: call_agent not valid - A|V
ERROR: call_agent error - entry is empty - A
ERROR: call_agent error - no session data - A
SUCCESS: call_agent function sent - A
ERROR: pause_code not valid - A|V
ERROR: pause_code error - agent is not paused - A
SUCCESS: pause_code function sent - A
ERROR: send_dtmf not valid - V|A
SUCCESS: send_dtmf function set - V|A
ERROR: park_call not valid - V|A
ERROR: agent_user does not have a lead on their screen - A
SUCCESS: park_call function set - V|A
ERROR: transfer_conference not valid - V|A
ERROR: value is not valid - V|U
ERROR: ingroup is not valid - G
ERROR: agent_user does not have a live call - A
ERROR: caller_id_number from group_alias is not valid - A|G|N
SUCCESS: transfer_conference function set - V|G|P|C|A
SUCCESS: transfer_conference function set - V|G|P|C|A|K
ERROR: change_ingroups not valid - V|G
ERROR: campaign does not allow inbound calls - A
ERROR: user is not allowed to change agent in-groups - U|C|A
ERROR: campaign dial_method does not allow outbound autodial - A|C
ERROR: ingroup does not exist - I|G
ERROR: ingroup_choices are required for ADD and REMOVE values - V|
SUCCESS: change_ingroups function set - B|G|A
ERROR: ra_call_control not valid - V|A|S
ERROR: user not logged in - A
ERROR: no active call found - V
ERROR: phone_number is not valid - P
ERROR: stage is not valid - S
SUCCESS: ra_call_control transferred - A|V|G
SUCCESS: ra_call_control hungup - A|V|HANGUP
ERROR: stop recording error - A|||||S|C|W
SUCCESS: recording function sent - A|V||||S|C|W
NOTICE: not recording - A|||||S|C|W
NOTICE: recording active - A|I|F|S|T|S|C|W
"""


@pytest.mark.parametrize("line", DOCUMENTED.strip().splitlines())
def test_every_documented_line_is_in_the_transcripts(line: str) -> None:
    shape = re.sub(r"\b[A-Z]\b", lambda match: "[^|]*", re.escape(line).replace(r"\ ", " "))
    golden = "".join((FOLDER / name).read_text() for name in TRANSCRIPTS).replace("{recording}", "1|name")
    lines = [golden.replace("{|key}", key).splitlines() for key in ("", "|M2141842580000000044")]
    assert any(re.fullmatch("< " + shape, found) for found in [*lines[0], *lines[1]])
