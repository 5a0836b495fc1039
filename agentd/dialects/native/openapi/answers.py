"""What each route of the native API answers when it does what it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentd.dialects.native.admin_sites import SITES, Site
from agentd.dialects.native.openapi import shapes as s
from agentd.dialects.native.openapi import shapes_setup as setup
from agentd.engine.kinds import LIST, TOKEN
from agentd.engine.ports import Activity, AuditRow

__all__ = ["ANSWERS", "Good"]


@dataclass(frozen=True, slots=True)
class Good:
    """A good answer: what it says, the shapes that its JSON may have (none: no body), and its own headers."""

    says: str
    shapes: tuple[Any, ...] = ()
    headers: tuple[str, ...] = ()
    media: tuple[str, ...] = ("application/json",)


_SESSION = Good("The session as it is now, or that it has ended.", (s.Session, s.LoggedOut), ("ETag",))
_SESSION_LATER = Good("It will be so when what is under way is over.", (s.Session, s.LoggedOut), ("ETag",))
_AS_IT_WAS = Good("The client has it already (If-None-Match).", headers=("ETag",))
_GONE = Good("It is gone.")
_DIALLED = Good("The call; Asterisk has its channel.", (s.Dialled, s.DialOver), ("Location",))
_TRANSFERRED = Good("It is done.", (s.Transferred,))
_TAPES = Good("Which recordings were changed.", (s.RecordingsChanged,))
_DNC = Good("Whether the number is listed now.", (s.DncChanged,))
_CAMPAIGN = Good("The campaign as it is now.", (setup.CampaignNow,))
_ACTIVITY = Good("The activity.", (Activity,), ("ETag",))
_ACTIVITY_MADE = Good("The new activity.", (Activity,), ("ETag", "Location"))
_SOUND = ("audio/wav", "audio/x-gsm", "audio/basic", "audio/x-alaw-basic", "application/octet-stream")
_SOUND_HEADERS = ("ETag", "Accept-Ranges", "Content-Disposition")


def _page(member: str, shape: Any, *, paged: bool = True) -> Good:
    return Good("A page of them." if paged else "All of them.", (setup.page_of(member, shape, paged=paged),))


def _one(says: str, shape: Any) -> Good:
    return Good(says, (shape,), ("ETag",))


def _changed(says: str, shape: Any) -> Good:
    """Done, and durable; the id alone when the database cannot be asked what is there now."""
    return Good(says, (shape, setup.Made), ("ETag", "Location"))


ANSWERS: dict[str, Mapping[int, Good]] = {
    # sessions
    "sessions": {200: _page("sessions", s.Session)},
    "log_in": {201: Good("The new session.", (s.Session,), ("ETag", "Location")), 200: _SESSION},
    "session": {200: _SESSION, 304: _AS_IT_WAS},
    "change_state": {200: _SESSION},
    "log_out": {200: _SESSION, 202: _SESSION_LATER},
    "change_ingroups": {200: _SESSION},
    "call_agent": {200: _SESSION},
    "webphone": {200: Good("Where it is.", (s.Webphone,))},
    "monitor": {
        200: Good("His mode is changed.", (s.MonitorTold,)),
        202: Good("His phone rings.", (s.MonitorTold,)),
    },
    "end_monitor": {200: _SESSION},
    # calls
    "dial": {201: _DIALLED, 202: Good("The dial is remembered, or its lead is shown first.", (s.Remembered,))},
    "act_on_preview": {200: _SESSION, 201: _DIALLED, 202: Good("The dial is remembered.", (s.Remembered,))},
    "call": {200: Good("The call.", (s.Dialled,))},
    "hang_up": {200: _SESSION},
    "dispose": {200: _SESSION},
    "set_timer": {200: _SESSION},
    "clear_timer": {200: _SESSION},
    "hold": {200: _SESSION},
    "park": {200: _SESSION},
    "retrieve": {200: _SESSION},
    "call_third_party": {201: Good("Asterisk has the third party's channel.", (s.Transferred,))},
    "drop_third_party": {200: _TRANSFERRED},
    "transfer": {200: _TRANSFERRED},
    "connect": {200: _SESSION},
    "send_dtmf": {202: Good("The digits are in line.", (s.Session, s.LoggedOut), ("ETag",)), 200: _SESSION},
    # recordings
    "start_recording": {201: Good("Asterisk records.", (s.RecordingBegun,), ("Location",))},
    "running_recordings": {200: Good("Those that are running.", (s.Running,))},
    "mute_recordings": {200: _TAPES},
    "stop_recordings": {200: _TAPES},
    "mute_recording": {200: _TAPES},
    "stop_recording": {200: _TAPES},
    "recordings": {200: _page("recordings", s.RecordingRow)},
    "recording": {200: Good("The row.", (s.RecordingRow,))},
    "recording_audio": {
        200: Good("The whole sound.", headers=_SOUND_HEADERS, media=_SOUND),
        206: Good("The part that Range asks for.", headers=(*_SOUND_HEADERS, "Content-Range"), media=_SOUND),
    },
    # lines and campaigns
    "ingroups": {200: _page("ingroups", setup.InGroupNow, paged=False)},
    "ingroup": {200: Good("The in-group and its line.", (setup.InGroupLine,))},
    "campaigns": {200: _page("campaigns", setup.CampaignNow, paged=False)},
    "campaign": {200: _CAMPAIGN},
    "change_campaign": {200: _CAMPAIGN},
    # leads and what was promised to them
    "leads": {200: _page("leads", s.LeadTold)},
    "add_lead": {201: _changed("The new lead.", s.LeadTold)},
    "lead": {200: _one("The lead.", s.LeadTold), 304: _AS_IT_WAS},
    "change_lead": {200: _changed("The lead as he is now.", s.LeadTold)},
    "delete_lead": {204: _GONE},
    "change_lead_on_screen": {200: _SESSION},
    "callbacks": {200: _page("callbacks", s.CallbackRow)},
    "add_callback": {201: _changed("The new callback.", s.CallbackRow)},
    "callback": {200: _one("The callback.", s.CallbackRow), 304: _AS_IT_WAS},
    "change_callback": {200: _changed("The callback as it is now.", s.CallbackRow)},
    "drop_callback": {204: _GONE},
    "dnc": {200: _page("numbers", s.DncNumber)},
    "list_number": {200: _DNC},
    "unlist_number": {200: _DNC},
    "list_campaign_number": {200: _DNC},
    "unlist_campaign_number": {200: _DNC},
    "activities": {200: _page("activities", Activity)},
    "add_activity": {201: _ACTIVITY_MADE},
    "activity": {200: _ACTIVITY, 304: _AS_IT_WAS},
    "put_activity": {200: Good("The activity.", (Activity,), ("ETag", "Location")), 201: _ACTIVITY_MADE},
    "delete_activity": {204: _GONE},
    "set_custom": {200: Good("The field as it is now.", (setup.Custom,))},
    # what happens
    "events": {200: Good("Events as they happen.", media=("text/event-stream",))},
    "audit": {200: _page("changes", AuditRow)},
}
"""By the route's verb, then the status."""


def _of_site(site: Site) -> dict[str, Mapping[int, Good]]:
    shape, one = setup.THINGS[site.kind.name], f"{site.name}_settings" if site.apart else site.name
    named = site.kind.name
    made = setup.NewToken if site.kind is TOKEN else shape
    gone = {204: _GONE}
    if site.kind is LIST:
        gone[202] = Good("It still loses its leads.", (setup.Emptied,))
    now = _one(f"The {named} as it is now.", shape)
    found = {200: _one(f"The {named}.", shape), 304: _AS_IT_WAS}
    if site.kind is LIST:
        del found[304]
    told: dict[str, Mapping[int, Good]] = {} if site.apart else {site.plural: {200: _page(site.member, shape)}}
    return told | {
        one: found,
        f"create_{site.name}": {201: Good(f"The new {named}.", (made,), ("ETag", "Location"))},
        f"change_{one}": {200: now},
        f"replace_{one}": {200: now},
        f"delete_{site.name}": gone,
    }


for _site in SITES:
    ANSWERS.update(_of_site(_site))
