"""How the State changes by reference data and id blocks, and by what the faces leave behind."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.evolving.table import on, put
from agentd.core.model import IdBlock, State

__all__ = ["ANSWERS_KEPT", "ANSWER_MEMORY"]

ANSWER_MEMORY = 86400.0  # seconds for which an Idempotency-Key is remembered
ANSWERS_KEPT = 20_000  # the oldest are forgotten before, so that memory and checkpoints stay small


# --- reference data ------------------------------------------------------------------------------------------


@on(r.UserSet)
def _user(state: State, record: r.UserSet, _at: float) -> None:
    put(state.users, record.name, record.user)


@on(r.UserGroupSet)
def _user_group(state: State, record: r.UserGroupSet, _at: float) -> None:
    put(state.user_groups, record.name, record.group)


@on(r.PhoneSet)
def _phone(state: State, record: r.PhoneSet, _at: float) -> None:
    put(state.phones, record.extension, record.phone)


@on(r.CampaignSet)
def _campaign(state: State, record: r.CampaignSet, _at: float) -> None:
    put(state.campaigns, record.name, record.campaign)


@on(r.InGroupSet)
def _ingroup(state: State, record: r.InGroupSet, _at: float) -> None:
    put(state.ingroups, record.name, record.ingroup)


@on(r.GroupAliasSet)
def _group_alias(state: State, record: r.GroupAliasSet, _at: float) -> None:
    put(state.group_aliases, record.name, record.alias)


@on(r.StatusSet)
def _status(state: State, record: r.StatusSet, _at: float) -> None:
    put(state.statuses, record.code, record.status)


@on(r.TokenSet)
def _token(state: State, record: r.TokenSet, _at: float) -> None:
    put(state.tokens, record.digest, record.token)


@on(r.IdsGranted)
def _ids(state: State, record: r.IdsGranted, _at: float) -> None:
    state.blocks.setdefault(record.kind, []).append(IdBlock(record.first, record.last))


@on(r.LinkChanged)
def _link(state: State, record: r.LinkChanged, _at: float) -> None:
    state.link_up = record.up
    for session in state.sessions.values():  # an Asterisk that was shutting down has used up the tries
        session.recalls = 0


# --- what the faces leave behind -----------------------------------------------------------------------------


@on(r.AnswerKept)
def _answer(state: State, record: r.AnswerKept, at: float) -> None:
    while state.answers and (
        next(iter(state.answers.values())).at <= at - ANSWER_MEMORY or len(state.answers) >= ANSWERS_KEPT
    ):
        del state.answers[next(iter(state.answers))]
    state.answers.pop(record.key, None)
    state.answers[record.key] = record.answer


@on(r.ApiCalled)
def _api_called(_state: State, _record: r.ApiCalled, _at: float) -> None:
    """Nothing in memory: a row of the log."""
