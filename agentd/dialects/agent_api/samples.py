"""For each function a request and the line that answers it, for the description of this face.

The requests are those of agents in the right state; a test holds each pair against the golden transcripts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["SAMPLES", "Sample"]

_NOW = "1795159465"
_KEY = "Y0316001655000402028"


@dataclass(frozen=True, slots=True)
class Sample:
    """The line that answers a function with that value and these parameters, asked about that agent (empty: none)."""

    line: str
    value: str = ""
    agent: str = "1000"
    more: dict[str, str] = field(default_factory=dict)

    def request(self, function: str) -> dict[str, str]:
        """The parameters of the request, who asks among them."""
        asked = {"source": "test", "user": "6666", "pass": "1234", "function": function, **self.more}
        if self.agent:
            asked["agent_user"] = self.agent
        return asked | ({"value": self.value} if self.value else {})


SAMPLES: dict[str, Sample] = {
    "call_agent": Sample("SUCCESS: call_agent function sent - 1000", "CALL"),
    "change_ingroups": Sample(
        "SUCCESS: change_ingroups function set - YES| TEST_IN SALESLINE TEST_IN4 -|1000",
        "CHANGE",
        more={"blended": "YES", "ingroup_choices": " TEST_IN SALESLINE TEST_IN4 -"},
    ),
    "external_add_lead": Sample(
        "SUCCESS: lead added - 7275551212|TESTCAMP|101|500001|1000",
        more={
            "phone_number": "7275551212",
            "phone_code": "1",
            "first_name": "Bob",
            "last_name": "Smith=NO",
            "dnc_check": "YES",
        },
    ),
    "external_dial": Sample(
        f"SUCCESS: external_dial function set - 7275551212|1000|1|YES|NO|YES||{_NOW}||||",
        "7275551212",
        more={"phone_code": "1", "search": "YES", "preview": "NO", "focus": "YES"},
    ),
    "external_hangup": Sample("SUCCESS: external_hangup function set - 1|1000", "1"),
    "external_pause": Sample(f"SUCCESS: external_pause function set - PAUSE|{_NOW}|1000", "PAUSE"),
    "external_status": Sample("SUCCESS: external_status function set - A|1000", "A"),
    "logout": Sample(f"SUCCESS: logout function set - LOGOUT|{_NOW}|1000", "LOGOUT"),
    "park_call": Sample("SUCCESS: park_call function set - PARK_CUSTOMER|1000", "PARK_CUSTOMER"),
    "pause_code": Sample("SUCCESS: pause_code function sent - 1000", "BREAK"),
    "preview_dial_action": Sample("SUCCESS: preview_dial_action function set - SKIP|1000|SKIP", "SKIP"),
    "ra_call_control": Sample(
        f"SUCCESS: ra_call_control transferred - 1028|{_KEY}|TEST_IN3",
        _KEY,
        "1028",
        {"stage": "INGROUPTRANSFER", "ingroup_choices": "DEFAULTINGROUP"},
    ),
    "recording": Sample("NOTICE: not recording - 1000|||||127.0.0.1|8600051|PAUSED", "STATUS"),
    "send_dtmf": Sample("SUCCESS: send_dtmf function set - QQQQ1234SQQQQQ6654P|1000", "QQQQ1234SQQQQQ6654P"),
    "set_timer_action": Sample(
        "SUCCESS: set_timer_action lead updated - 6666|1000|MESSAGE_ONLY|test message|15",
        "MESSAGE_ONLY",
        more={"notes": "test message", "rank": "15"},
    ),
    "st_get_agent_active_lead": Sample(
        "SUCCESS: st_get_agent_active_lead lead found - 1000|7275551212|123456|9987-1234765|SK|WILLIAMS|JUH764AJJJ9",
        "876543",
        "",
        {"vendor_id": "207"},
    ),
    "st_login_log": Sample("SUCCESS: st_login_log user found - 1000", "876543", "", {"vendor_id": "207"}),
    "transfer_conference": Sample(
        "SUCCESS: transfer_conference function set - DIAL_WITH_CUSTOMER||8500|NO|1000|M2141842580000000044",
        "DIAL_WITH_CUSTOMER",
        more={"phone_number": "8500", "lead_id": "123456"},
    ),
    "update_fields": Sample(
        "SUCCESS: update_fields lead updated - 6666|1000|123456|vendor_lead_code='1234567',address1=''",
        more={"vendor_lead_code": "1234567", "address1": ""},
    ),
    "webphone_url": Sample("https://phone.example/?ext=502&agent=1000&camp=TESTCAMP&conf=8600051", "DISPLAY"),
}
"""By the function's name; ``webserver`` and ``version`` tell what is so on this machine alone."""
