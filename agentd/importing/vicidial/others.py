"""What there is besides, and is said in another way here: told, so that nobody misses it later."""

from __future__ import annotations

from agentd.importing.vicidial.notes import Notes
from agentd.importing.vicidial.source import Source, text

__all__ = ["note_others"]

_OTHERS = (
    ("remote agents", "vicidial_remote_agents", "user_start", "`agentd user change NAME --kind remote` makes one"),
    ("presets", "vicidial_xfer_presets", "preset_name", "`agentd preset add` makes one"),
    ("DIDs", "vicidial_inbound_dids", "did_pattern", "the dialplan says where a number leads"),
    ("call menus", "vicidial_call_menu", "menu_id", "menus are the dialplan's"),
    ("scripts", "vicidial_scripts", "script_id", "scripts are the CRM's"),
    ("lead filters", "vicidial_lead_filters", "lead_filter_id", "a campaign dials by statuses, lists and hours"),
    ("lead recycling", "vicidial_lead_recycle", "status", "a campaign has one redial_after for all statuses"),
    ("alternate numbers", "vicidial_list_alt_phones", "lead_id", "a lead has up to three numbers"),
)


def note_others(source: Source, notes: Notes) -> None:
    """Note what is not taken over at all."""
    for kind, table, column, why in _OTHERS:
        for row in source.rows(table, column, order=column):
            notes.left_out(kind, text(row[column]), why)
