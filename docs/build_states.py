"""Draws the state table of docs/behaviour.md from the code: ``python docs/build_states.py`` brings the page up to date.

With ``--check`` nothing is written, and the exit status is 1 when the page is not what the code says.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agentd.core.model import SessionState
from agentd.core.sessions.table import TABLE, Cell, Verb

PAGE = Path(__file__).with_name("behaviour.md")
BEGIN = "<!-- state table: drawn by docs/build_states.py -->"
END = "<!-- end of the state table -->"


def table() -> str:
    """Give the table in Markdown: a row for each verb, a column for each state."""
    head = ["", *(state.value for state in SessionState)]
    rows = [[f"**{verb}**", *(_words(TABLE[state][verb]) for state in SessionState)] for verb in Verb]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _words(cell: Cell) -> str:
    return cell.do.value if cell.to is None else f"{cell.do.value}: {cell.to.value}"


def current(page: str) -> str:
    """Give the page with the table as the code has it.

    Raises:
        ValueError: the page lacks the two comments between which the table stands.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} has no place for the table")
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Bring the page up to date, or check it; gives the exit status."""
    page = PAGE.read_text(encoding="utf-8")
    wanted = current(page)
    if page == wanted:
        return 0
    if "--check" in arguments:
        sys.stderr.write(f"{PAGE} is not what the code says; run python docs/build_states.py\n")
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
