"""What commands can do with every kind of thing that is set up: list, show, add, change and delete it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import click
from sqlalchemy import Connection

from agentd.administration.console import config_option, fail, json_option, load_config, print_json, replace_option
from agentd.administration.console import show as show_rows
from agentd.administration.database import apply, changed, everything, one, transaction
from agentd.administration.options import Decorator, options, said
from agentd.engine.kinds import Action, Kind, Named, Part, view

__all__ = ["Shelf", "Verbs", "commands", "require"]


class Verbs(click.Group):
    """A group of commands that also knows other words for some of them, such as ``remove`` for ``delete``."""

    also: Mapping[str, tuple[str, ...]] = {
        "add": ("create",),
        "create": ("add",),
        "get": ("show",),
        "search": ("list",),
        "delete": ("remove", "revoke"),
        "remove": ("delete", "revoke"),
    }

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command by its name, or by another word for it."""
        for word in (cmd_name, *self.also.get(cmd_name, ())):
            found = super().get_command(ctx, word)
            if found is not None:
                return found
        return None


def _as_said(_named: Named, _before: Any, given: dict[str, Any]) -> dict[str, Any]:
    return said(given)


_NO_OPTIONS = options()


@dataclass(frozen=True, slots=True)
class Shelf:
    """How the command line speaks of a kind of thing.

    ``word`` is the command and ``about`` its help, ``columns`` are those of its table. ``options`` are those of
    ``add`` and ``change``, beside what one of them has alone. ``values`` makes of the options what is said of the
    thing's fields; it is given which thing it is, and how it was (None: a new one, or in the place of what was).
    """

    kind: Kind
    word: str
    about: str
    columns: tuple[str, ...]
    options: Decorator
    adding: Decorator = _NO_OPTIONS
    changing: Decorator = _NO_OPTIONS
    values: Callable[[Named, Any, dict[str, Any]], dict[str, Any]] = _as_said

    @property
    def key(self) -> Decorator:
        """The argument, and for a part of a campaign the option, that name one."""
        argument = click.argument(self.kind.key)
        if self.kind.part is Part.NEVER:
            return argument
        if self.kind.part is Part.MAYBE:
            help_text = "Of this campaign; of the system when it is not given."
            return options(click.option("--campaign", default="", help=help_text), argument)
        return options(click.option("--campaign", required=True, help="The campaign."), argument)

    def named(self, given: dict[str, Any]) -> Named:
        """Take out of a command's parameters which thing it is about."""
        key = given.pop(self.kind.key)
        campaign = "" if self.kind.part is Part.NEVER else given.pop("campaign")
        return Named(self.kind, key, campaign)


def commands(shelf: Shelf) -> Verbs:
    """Give the group of a kind's commands; what a kind does otherwise takes the place of one of them."""
    group = Verbs(shelf.word, help=shelf.about)
    for make in (_list, _show, _add, _change, _delete):
        group.add_command(make(shelf))
    return group


def require(connection: Connection, named: Named) -> Any:
    """Give a thing that must be there; ends the command when it is not."""
    thing = one(connection, named)
    if thing is None:
        fail(f"there is no {_words(named)}")
    return thing


def _words(named: Named) -> str:
    """A thing as people speak of it."""
    of = f" of {named.campaign}" if named.campaign else ""
    return f"{named.kind.name} {named.key}{of}"


def _a(kind: Kind) -> str:
    return f"an {kind.name}" if kind.name[0] in "aeio" else f"a {kind.name}"


def _sentence(named: Named, end: str) -> str:
    words = _words(named)
    return f"{words[0].upper()}{words[1:]} {end}"


def _row(named: Named, thing: Any) -> dict[str, Any]:
    of = {} if named.kind.part is Part.NEVER else {"campaign": named.campaign}
    return {**of, **view(named.kind, thing)}


# --- the commands --------------------------------------------------------------------------------------------


def _list(shelf: Shelf) -> click.Command:
    kind = shelf.kind

    @config_option
    @json_option
    def run(config_path: str, *, as_json: bool, campaign: str | None = None) -> None:
        with transaction(load_config(config_path)) as connection:
            found = [_row(named, thing) for named, thing in everything(connection, kind, campaign)]
        columns = shelf.columns if kind.part is Part.NEVER else ("campaign", *shelf.columns)
        show_rows(found, columns, data=found if as_json else None)

    if kind.part is not Part.NEVER:
        run = click.option("--campaign", help="Those of this campaign alone; an empty one for the system's.")(run)
    return click.command("list", help=f"List every {kind.name}.")(run)


def _show(shelf: Shelf) -> click.Command:
    @click.command("show", help=f"Print all that {_a(shelf.kind)} is set up with, as JSON.")
    @config_option
    @json_option
    @shelf.key
    def run(config_path: str, *, as_json: bool, **given: Any) -> None:
        del as_json  # it is anyway
        named = shelf.named(given)
        with transaction(load_config(config_path)) as connection:
            print_json(_row(named, require(connection, named)))

    return run


def _add(shelf: Shelf) -> click.Command:
    @click.command("add", help=f"Make {_a(shelf.kind)}; with --replace in the place of one that is there, as a whole.")
    @config_option
    @replace_option
    @shelf.key
    @shelf.adding
    @shelf.options
    def run(config_path: str, *, replace: bool, **given: Any) -> None:
        config = load_config(config_path)
        named = shelf.named(given)
        with transaction(config) as connection:
            there = one(connection, named) is not None
            if there and not replace:
                fail(f"{named.key} is there already; --replace puts this in its place")
            action = Action.REPLACE if there else Action.CREATE
            apply(connection, action, named, shelf.values(named, None, given))
        changed(config, _sentence(named, "is there."))

    return run


def _change(shelf: Shelf) -> click.Command:
    @click.command("change", help=f"Change what is said here of {_a(shelf.kind)}, and nothing else.")
    @config_option
    @shelf.key
    @shelf.changing
    @shelf.options
    def run(config_path: str, **given: Any) -> None:
        config = load_config(config_path)
        named = shelf.named(given)
        with transaction(config) as connection:
            before = require(connection, named)
            apply(connection, Action.CHANGE, named, shelf.values(named, before, given))
        changed(config, _sentence(named, "is changed."))

    return run


def _delete(shelf: Shelf) -> click.Command:
    @click.command("delete", help=f"Take {_a(shelf.kind)} away, unless something needs it.")
    @config_option
    @shelf.key
    def run(config_path: str, **given: Any) -> None:
        config = load_config(config_path)
        named = shelf.named(given)
        with transaction(config) as connection:
            require(connection, named)
            apply(connection, Action.DELETE, named)
        changed(config, _sentence(named, "is gone."))

    return run
