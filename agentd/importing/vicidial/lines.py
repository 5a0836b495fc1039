"""In-groups and group aliases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from agentd.core.model import HANG_UP, WAIT_ON, GroupAlias, InGroup, Pick, Treatment, TreatmentKind
from agentd.engine import checks
from agentd.importing.texts import tidy
from agentd.importing.vicidial.notes import Notes, fitted
from agentd.importing.vicidial.source import Source, number, text, yes

__all__ = ["group_aliases", "ingroup_names", "ingroups"]

_INGROUPS = (
    "group_id group_name active group_handling moh_context default_xfer_group next_agent_call queue_priority "
    "welcome_message_filename play_welcome_message prompt_interval play_place_in_line play_estimate_hold_time "
    "on_hook_ring_time answer_sec_pct_rt_stat_one call_time_id after_hours_action after_hours_message_filename "
    "after_hours_exten after_hours_voicemail afterhours_xfer_group no_agent_no_queue no_agent_action "
    "no_agent_action_value max_calls_method max_calls_count drop_call_seconds drop_action drop_exten voicemail_ext "
    "drop_inbound_group"
)
_PICKS = {
    "longest_wait_time": Pick.LONGEST,
    "oldest_call_finish": Pick.LONGEST,
    "oldest_inbound_call_finish": Pick.LONGEST,
    "random": Pick.RANDOM,
    "inbound_group_rank": Pick.RANK,
    "fewest_calls": Pick.FEWEST,
}
_DIRECT = {"AGENTDIRECT", "AGENTDIRECT_CHAT"}

_Remark = Callable[[str], object]


def ingroup_names(source: Source) -> set[str]:
    """Give the names of all in-groups, whether they can be taken over or not."""
    return {text(row["group_id"]) for row in source.rows("vicidial_inbound_groups", "group_id")}


def ingroups(source: Source, notes: Notes, hours: Mapping[str, str], names: Collection[str]) -> Iterator[InGroup]:
    """Give the in-groups for calls; ``names`` are those of all that there are, or will be."""
    for row in source.rows("vicidial_inbound_groups", _INGROUPS, order="group_id"):
        name = text(row["group_id"])
        if name in _DIRECT:
            notes.left_out("in-groups", name, "calls go to an agent of any in-group here")
            continue
        if text(row["group_handling"]) not in {"", "PHONE"}:
            notes.left_out("in-groups", name, "it is not for calls")
            continue

        def remark(what: str, name: str = name) -> None:
            notes.remark("in-groups", name, what)

        made = InGroup(name, 0)
        try:
            checks.check_ingroup(made, names)
        except checks.Unusable as error:
            notes.left_out("in-groups", name, str(error))
            continue
        wanted = {
            **_agents(row, remark),
            **_callers(row, remark),
            **_treatments(row, hours, remark),
            "timezone": source.timezone,
        }
        yield fitted(made, wanted, lambda one: checks.check_ingroup(one, names), remark)


def _agents(row: dict[str, Any], remark: _Remark) -> dict[str, Any]:
    """Who gets its calls."""
    pick = text(row["next_agent_call"])
    if pick and pick not in _PICKS:
        remark(f"next_agent_call {pick} is not taken over: who has waited for longest gets the call")
    return {
        "title": tidy(text(row["group_name"])),
        "active": yes(row["active"]),
        "pick": _PICKS.get(pick, Pick.LONGEST),
        "priority": int(number(row["queue_priority"])),
        "transfer_to": text(row["default_xfer_group"]),
        "ring_time": int(number(row["on_hook_ring_time"], 20)),
        "service_level": int(number(row["answer_sec_pct_rt_stat_one"], 20)),
    }


def _callers(row: dict[str, Any], remark: _Remark) -> dict[str, Any]:
    """What its callers hear."""
    music, welcome = text(row["moh_context"]), text(row["welcome_message_filename"])
    place, wait = yes(row["play_place_in_line"]), yes(row["play_estimate_hold_time"])
    every = int(number(row["prompt_interval"])) if place or wait else 0
    if "|" in welcome:
        remark("of several welcome messages the first is taken over")
    return {
        "music": "" if music == "default" else music,
        "welcome": "" if text(row["play_welcome_message"]) == "NEVER" else welcome.partition("|")[0],
        "announce_every": max(10, every) if every else 0,
        "announce_position": place,
        "announce_wait": wait,
    }


def _treatments(row: dict[str, Any], hours: Mapping[str, str], remark: _Remark) -> dict[str, Any]:
    """What becomes of those who find nobody."""
    full = text(row["max_calls_method"]) in {"TOTAL", "IN_QUEUE"}
    called = text(row["call_time_id"])
    if called and called not in hours:
        remark(f"its call time {called} is not there: it is always open")
    return {
        "hours": hours.get(called, ""),
        "after_hours": _treatment(
            text(row["after_hours_action"]),
            remark,
            MESSAGE=text(row["after_hours_message_filename"]),
            EXTENSION=text(row["after_hours_exten"]),
            VOICEMAIL=text(row["after_hours_voicemail"]),
            INGROUP=text(row["afterhours_xfer_group"]),
        ),
        "no_agent": _no_agent(row, remark) if text(row["no_agent_no_queue"]) not in {"", "N"} else WAIT_ON,
        "max_waiting": int(number(row["max_calls_count"])) if full else 0,
        "drop_after": int(number(row["drop_call_seconds"])),
        "drop": _treatment(
            text(row["drop_action"]),
            remark,
            EXTENSION=text(row["drop_exten"]),
            VOICEMAIL=text(row["voicemail_ext"]),
            INGROUP=text(row["drop_inbound_group"]),
        ),
    }


def _no_agent(row: dict[str, Any], remark: _Remark) -> Treatment:
    value = text(row["no_agent_action_value"]).partition("|")[0]
    targets = {"MESSAGE": value, "EXTENSION": value, "VOICEMAIL": value, "INGROUP": value.partition(",")[0]}
    return _treatment(text(row["no_agent_action"]), remark, **targets)


def _treatment(action: str, remark: _Remark, **targets: str) -> Treatment:
    """What is done, and with what; a drop's MESSAGE is an extension that plays it."""
    word = {"IN_GROUP": "INGROUP", "VMAIL_NO_INST": "VOICEMAIL"}.get(action, action)
    if word == "MESSAGE" and word not in targets:
        word = "EXTENSION"
    if word in {"", "HANGUP"}:
        return HANG_UP
    if word not in targets:
        remark(f"{action} is not taken over: they are hung up on")
        return HANG_UP
    return Treatment(TreatmentKind(word.lower()), targets[word].partition("|")[0])


def group_aliases(source: Source, notes: Notes) -> Iterator[GroupAlias]:
    """Give the outbound caller ids that have names."""
    columns = "group_alias_id group_alias_name caller_id_number active"
    for row in source.rows("groups_alias", columns, order="group_alias_id"):
        name = text(row["group_alias_id"])
        made = GroupAlias(
            name, text(row["caller_id_number"]), tidy(text(row["group_alias_name"])), active=yes(row["active"])
        )
        try:
            checks.check_group_alias(made)
        except checks.Unusable as error:
            notes.left_out("aliases", name, str(error))
        else:
            yield made
