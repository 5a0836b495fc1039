"""The records of reference data: what the administrator set up, as the journal keeps it.

A value of None says that the thing is gone.
"""

from __future__ import annotations

from dataclasses import dataclass

from agentd.core.model import Campaign, GroupAlias, InGroup, Phone, Status, Token, User, UserGroup

__all__ = [
    "CampaignSet",
    "GroupAliasSet",
    "IdsGranted",
    "InGroupSet",
    "PhoneSet",
    "Record",
    "StatusSet",
    "TokenSet",
    "UserGroupSet",
    "UserSet",
]


@dataclass(frozen=True, slots=True)
class Record:
    """The base of all records."""


@dataclass(frozen=True, slots=True)
class UserSet(Record):
    """A user is now this."""

    name: str
    user: User | None


@dataclass(frozen=True, slots=True)
class UserGroupSet(Record):
    """A group of users is now this."""

    name: str
    group: UserGroup | None


@dataclass(frozen=True, slots=True)
class PhoneSet(Record):
    """A phone is now this."""

    extension: str
    phone: Phone | None


@dataclass(frozen=True, slots=True)
class CampaignSet(Record):
    """A campaign, with its statuses and pause codes, is now this."""

    name: str
    campaign: Campaign | None


@dataclass(frozen=True, slots=True)
class InGroupSet(Record):
    """An in-group is now this."""

    name: str
    ingroup: InGroup | None


@dataclass(frozen=True, slots=True)
class GroupAliasSet(Record):
    """A group alias is now this."""

    name: str
    alias: GroupAlias | None


@dataclass(frozen=True, slots=True)
class StatusSet(Record):
    """A system status is now this."""

    code: str
    status: Status | None


@dataclass(frozen=True, slots=True)
class TokenSet(Record):
    """A bearer token is now this."""

    digest: str
    token: Token | None


@dataclass(frozen=True, slots=True)
class IdsGranted(Record):
    """The database reserved the ids ``first`` to ``last`` of that kind for this daemon."""

    kind: str
    first: int
    last: int
