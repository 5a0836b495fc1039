"""The configuration of the sandbox's two Asterisks, from the templates in ``config/``.

A template is an Asterisk file in which ``@NAME@`` stands for a value. The PBX includes the files that administrators
include (etc/asterisk), so that what is shipped is what is tested.
"""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from agentd.sandbox.callers import ANY_DID
from agentd.sandbox.ports import PBX_HOST, RTP_SPAN, Ports
from agentd.sandbox.rootfs import AsteriskFiles
from agentd.sandbox.tones import phone_hertz

__all__ = ["ANSWERING", "BUSY", "SILENT", "UNREGISTERED", "pbx_files", "shipped_includes", "world_files"]

ANSWERING = (*(str(number) for number in range(501, 521)), "000*094")
"""The phones that answer by themselves."""
SILENT, BUSY, UNREGISTERED = "521", "522", "523"

_PLACE = re.compile(r"@([A-Z_]+)@")

_LOAD = re.compile(r"^load = (\w+\.so)\n", re.MULTILINE)


def shipped_includes() -> Path:
    """The folder with the files for administrators to include: the checkout's etc/asterisk, else the installed one.

    Raises FileNotFoundError if the installation is not whole.
    """
    places = (
        Path(__file__).parents[2] / "etc" / "asterisk",
        Path(sysconfig.get_path("data")) / "share" / "agentd" / "etc" / "asterisk",
    )
    for place in places:
        if (place / "extensions-agentd.conf").is_file():
            return place
    raise FileNotFoundError(f"extensions-agentd.conf is neither in {places[0]} nor in {places[1]}")


def pbx_files(
    asterisk: AsteriskFiles, folder: Path, ports: Ports, secrets: Mapping[str, str], dids: Mapping[str, str]
) -> dict[str, str]:
    """The PBX's configuration files by name. ``secrets``: admin, agentd; ``dids``: in-groups by number."""
    phones = "\n\n".join(
        f"[{number}](phone)\naors = {number}\ncallerid = {number} <{number}>\n\n[{number}](line)"
        for number in (*ANSWERING, SILENT, BUSY, UNREGISTERED)
    )
    arrivals = "\n".join(
        f"exten => {did},1,Set(AGENTD_INGROUP={ingroup})\n same => n,Goto(arrives,${{EXTEN}},1)"
        for did, ingroup in dids.items()
    )
    return _render(
        "pbx",
        asterisk,
        {
            "FOLDER": str(folder),
            "NAME": "pbx",
            "AMI_PORT": str(ports.pbx_ami),
            "RTP_START": str(ports.pbx_rtp),
            "RTP_END": str(ports.pbx_rtp + RTP_SPAN - 1),
            "ADMIN_SECRET": secrets["admin"],
            "AGENTD_SECRET": secrets["agentd"],
            "INCLUDES": str(shipped_includes()),
            "FASTAGI_PORT": str(ports.fastagi),
            "PBX_PORT": str(ports.pbx_sip),
            "CARRIER_PORT": str(ports.carrier_sip),
            "PHONES": phones,
            "DIDS": arrivals,
            "ANY_DID": ANY_DID,
        },
    )


def world_files(asterisk: AsteriskFiles, folder: Path, ports: Ports, secrets: Mapping[str, str]) -> dict[str, str]:
    """The outside world's configuration files by name. ``secrets``: world."""
    phones = "\n\n".join(
        f"[{number}](line)\nclient_uri = sip:{number}@{PBX_HOST}:{ports.pbx_sip}\ncontact_user = {number}"
        for number in (*ANSWERING, SILENT, BUSY)
    )
    tones = [f"TONE_{number} = {phone_hertz(number)}" for number in (*ANSWERING, SILENT, BUSY)]
    manners = [f"HOW_{SILENT} = silent", f"HOW_{BUSY} = busy"]
    return _render(
        "world",
        asterisk,
        {
            "FOLDER": str(folder),
            "NAME": "world",
            "AMI_PORT": str(ports.world_ami),
            "RTP_START": str(ports.world_rtp),
            "RTP_END": str(ports.world_rtp + RTP_SPAN - 1),
            "ADMIN_SECRET": secrets["world"],
            "PBX_PORT": str(ports.pbx_sip),
            "PHONES_PORT": str(ports.phones_sip),
            "CARRIER_PORT": str(ports.carrier_sip),
            "PHONES": phones,
            "GLOBALS": "\n".join((*tones, *manners)),
            "AT_ONCE": _register_at_once(asterisk),
        },
    )


def _render(kind: str, asterisk: AsteriskFiles, values: Mapping[str, str]) -> dict[str, str]:
    places = {**values, "MODULES": str(asterisk.modules)}
    templates = resources.files("agentd.sandbox") / "config"
    return {
        file.name: _loadable(_PLACE.sub(lambda found: places[found[1]], file.read_text()), asterisk.modules)
        for group in ("common", kind)
        for file in (templates / group).iterdir()
        if file.name.endswith(".conf")
    }


def _loadable(text: str, modules: Path) -> str:
    """Without the modules that this Asterisk does not have: 18 and 22 differ, and each would be a warning."""
    return _LOAD.sub(lambda found: found[0] if (modules / found[1]).is_file() else "", text)


def _register_at_once(asterisk: AsteriskFiles) -> str:
    """The option against the 1 to 10 s that Asterisk waits before it registers, where it is known (not in 18.10)."""
    option = "max_random_initial_delay"
    documents = (asterisk.data / "documentation").glob("*.xml")
    return f"{option} = 0" if any(option in text.read_text(errors="replace") for text in documents) else ""
