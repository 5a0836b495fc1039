"""Campaigns with their presets, statuses and pause codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from agentd.core.model import (
    HANG_UP,
    Campaign,
    DialMethod,
    PauseCode,
    Preset,
    PreviewRule,
    RecordingRule,
    Status,
    Treatment,
    TreatmentKind,
)
from agentd.engine import checks
from agentd.importing.texts import tidy
from agentd.importing.vicidial.notes import Notes, fitted
from agentd.importing.vicidial.source import Source, number, text, words, yes

__all__ = ["campaigns", "pause_codes", "statuses"]

_CAMPAIGNS = (
    "campaign_id campaign_name active wrapup_seconds dispo_max dispo_max_dispo dial_timeout dial_prefix "
    "manual_dial_prefix campaign_cid omit_phone_code api_manual_dial manual_dial_list_id park_file_name "
    "am_message_exten default_xfer_group campaign_recording campaign_allow_inbound dial_method auto_dial_level "
    "adaptive_dropped_percentage drop_call_seconds drop_action safe_harbor_exten safe_harbor_audio voicemail_ext "
    "drop_inbound_group dial_statuses local_call_time hopper_level manual_preview_dial alt_number_dialing "
    "manual_dial_filter web_form_address web_form_address_two xferconf_a_number xferconf_b_number xferconf_c_number "
    "xferconf_d_number xferconf_e_number use_internal_dnc use_campaign_dnc"
)
_METHODS = {"MANUAL": DialMethod.MANUAL, "INBOUND_MAN": DialMethod.INBOUND_MANUAL, "RATIO": DialMethod.RATIO}
_PREVIEWS = {
    "DISABLED": PreviewRule.DISABLED,
    "PREVIEW_AND_SKIP": PreviewRule.ENABLED,
    "PREVIEW_ONLY": PreviewRule.ONLY,
}
_PRESETS = {f"D{place}": f"xferconf_{letter}_number" for place, letter in enumerate("abcde", 1)}
_NO_CALLER = re.compile(r"0*")
_PLACE = re.compile(r"--A--([A-Za-z0-9_]+?)--B--")
_NAMES = {
    "vendor_id": "vendor_lead_code",
    "group": "ingroup",
    "dialed_number": "dialed_number",
    "closecallid": "call_id",
}

_Remark = Callable[[str], object]


def campaigns(
    source: Source,
    notes: Notes,
    trunk: str,
    hours: Mapping[str, str],
    ingroups: Collection[str],
    only: Collection[str],
) -> Iterator[Campaign]:
    """Give the campaigns, without statuses and pause codes.

    Args:
        source: Where they are.
        notes: What is told of them.
        trunk: What Asterisk dials for an outside number, which is not to be found there.
        hours: The call times.
        ingroups: The names of the in-groups that there are, or will be.
        only: The names of those that are wanted; empty: all.
    """
    for row in source.rows("vicidial_campaigns", _CAMPAIGNS, order="campaign_id"):
        name = text(row["campaign_id"])
        if only and name not in only:
            continue

        def remark(what: str, name: str = name) -> None:
            notes.remark("campaigns", name, what)

        made = Campaign(name, 0)
        try:
            checks.check_campaign(made, ingroups)
        except checks.Unusable as error:
            notes.left_out("campaigns", name, str(error))
            continue
        wanted = {
            **_manual(row, trunk, remark),
            **_automatic(row, hours, source.timezone, remark),
            **_in_hand(row, remark),
        }
        made = fitted(made, wanted, lambda one: checks.check_campaign(one, ingroups), remark)
        yield replace(made, presets=_presets(row, remark))


def _presets(row: dict[str, Any], remark: _Remark) -> dict[str, Preset]:
    found = {}
    for code, column in _PRESETS.items():
        preset = Preset(code, text(row[column]))
        if preset.number:
            try:
                checks.check_preset(preset)
            except checks.Unusable as error:
                remark(f"preset {code}, {preset.number!r}, is not taken over: {error}")
            else:
                found[code] = preset
    return found


def _manual(row: dict[str, Any], trunk: str, remark: _Remark) -> dict[str, Any]:
    """How its agents dial."""
    prefix, by_hand = (text(row[name]).upper().replace("X", "") for name in ("dial_prefix", "manual_dial_prefix"))
    if by_hand and by_hand != prefix:
        remark("manual_dial_prefix is not taken over: dial_prefix holds for calls by hand, too")
    if yes(row["omit_phone_code"]):
        remark("omit_phone_code is not taken over: numbers are dialled with their country's code")
    if not trunk:
        remark("it has no trunk: say it with `agentd campaign change NAME --trunk`, or --trunk here")
    caller = text(row["campaign_cid"])
    return {
        "title": tidy(text(row["campaign_name"])),
        "active": yes(row["active"]),
        "trunk": trunk,
        "dial_prefix": prefix,
        "dial_timeout": int(number(row["dial_timeout"], 60)),
        "caller_id": "" if _NO_CALLER.fullmatch(caller) else caller,
        "manual_queue": text(row["api_manual_dial"]).startswith("QUEUE"),
        "manual_list": int(number(row["manual_dial_list_id"])),
        "preview": _PREVIEWS.get(text(row["manual_preview_dial"]), PreviewRule.ENABLED),
        "alternative_numbers": text(row["alt_number_dialing"]) not in {"", "N"},
        "refuse_dnc": "DNC" in text(row["manual_dial_filter"]),
    }


def _automatic(row: dict[str, Any], hours: Mapping[str, str], timezone: str, remark: _Remark) -> dict[str, Any]:
    """How it dials by itself."""
    method = text(row["dial_method"])
    if method not in _METHODS:
        remark(f"dial_method {method} is taken over as RATIO")
    for name in ("use_internal_dnc", "use_campaign_dnc"):
        if text(row[name]) == "AREACODE":
            remark("area codes that must not be called are not taken over: numbers are")
    seconds = number(row["drop_call_seconds"], 2)
    if seconds > 2:
        remark("drop_call_seconds is 2 here, which is the most")
    values: dict[str, Any] = {
        "dial_method": _METHODS.get(method, DialMethod.RATIO),
        "auto_dial_level": number(row["auto_dial_level"]),
        "max_drop_rate": number(row["adaptive_dropped_percentage"], 3),
        "drop_seconds": min(seconds, 2.0) if seconds > 0 else 2.0,
        "drop": _drop(row, remark),
        "dial_statuses": words(row["dial_statuses"]),
        "timezone": timezone,
        "hopper": max(1, min(int(number(row["hopper_level"], 50)), 1000)),
    }
    called = text(row["local_call_time"])
    if called in hours:
        values["call_hours"] = hours[called]
    elif called:
        remark(f"its call time {called} is not there: it dials from 09:00 to 21:00")
    return values


def _drop(row: dict[str, Any], remark: _Remark) -> Treatment:
    action = text(row["drop_action"])
    treatments = {
        "HANGUP": HANG_UP,
        "MESSAGE": Treatment(TreatmentKind.EXTENSION, text(row["safe_harbor_exten"])),
        "AUDIO": Treatment(TreatmentKind.MESSAGE, text(row["safe_harbor_audio"])),
        "VOICEMAIL": Treatment(TreatmentKind.VOICEMAIL, text(row["voicemail_ext"])),
        "VMAIL_NO_INST": Treatment(TreatmentKind.VOICEMAIL, text(row["voicemail_ext"])),
        "IN_GROUP": Treatment(TreatmentKind.INGROUP, text(row["drop_inbound_group"])),
    }
    if action and action not in treatments:
        remark(f"drop_action {action} is not taken over: who finds no agent is hung up on")
    return treatments.get(action, HANG_UP)


def _in_hand(row: dict[str, Any], remark: _Remark) -> dict[str, Any]:
    """What becomes of its calls."""
    recording = text(row["campaign_recording"]).lower()
    music = text(row["park_file_name"])
    wrapup = int(number(row["dispo_max"]))
    if number(row["wrapup_seconds"]):
        remark("wrapup_seconds is not taken over: an agent is ready as soon as he has disposed of his call")
    return {
        "park_music": "" if music in {"default", "park"} else music,
        "leave_message": text(row["am_message_exten"]),
        "default_ingroup": text(row["default_xfer_group"]),
        "recording": RecordingRule(recording) if recording in set(RecordingRule) else RecordingRule.ON_DEMAND,
        "inbound": yes(row["campaign_allow_inbound"]),
        "wrapup": wrapup or None,
        **({"default_status": text(row["dispo_max_dispo"])} if wrapup and text(row["dispo_max_dispo"]) else {}),
        "webform": _webform(text(row["web_form_address"]), remark),
        "webform2": _webform(text(row["web_form_address_two"]), remark),
    }


def _webform(address: str, remark: _Remark) -> str:
    """An address whose places are written {so}. One without places had all fields added, and has none here."""
    if address and not _PLACE.search(address):
        remark("its web forms are told nothing by themselves: write {lead_id} and its like into their addresses")
    address = address.removeprefix("VAR")
    return _PLACE.sub(lambda place: "{" + _NAMES.get(place[1].lower(), place[1].lower()) + "}", address)


# --- statuses and pause codes --------------------------------------------------------------------------------


def statuses(source: Source, notes: Notes) -> Iterator[tuple[str, Status]]:
    """Give the system's statuses and the campaigns', each with its campaign (empty: the system)."""
    columns = "status status_name selectable human_answered sale dnc scheduled_callback"
    for table, of in (("vicidial_statuses", ""), ("vicidial_campaign_statuses", "campaign_id")):
        for row in source.rows(table, f"{columns} {of}", order="status"):
            made = Status(
                code=text(row["status"]),
                number=0,
                title=tidy(text(row["status_name"])),
                selectable=yes(row["selectable"]),
                callback=yes(row["scheduled_callback"]),
                human_answered=yes(row["human_answered"]),
                sale=yes(row["sale"]),
                dnc=yes(row["dnc"]),
            )
            try:
                checks.check_status(made)
            except checks.Unusable as error:
                notes.left_out("statuses", made.code, str(error))
            else:
                yield text(row[of]) if of else "", made


def pause_codes(source: Source, notes: Notes) -> Iterator[tuple[str, PauseCode]]:
    """Give the pause codes, each with its campaign; those for which an agent is paid count as work."""
    for row in source.rows("vicidial_pause_codes", "pause_code pause_code_name billable campaign_id", "pause_code"):
        paid = text(row["billable"])
        made = PauseCode(
            text(row["pause_code"]), tidy(text(row["pause_code_name"])), productive=paid in {"YES", "HALF"}
        )
        try:
            checks.check_pause_code(made)
        except checks.Unusable as error:
            notes.left_out("pause codes", made.code, str(error))
            continue
        if paid == "HALF":
            notes.remark("pause codes", made.code, "half of it was paid; here it counts as work")
        yield text(row["campaign_id"]), made
