"""What a face needs, under one name: ``from agentd.http import kit``.

A handler decodes (:class:`Params`, :func:`json_body`), calls an operation under :func:`shield` (or is decorated
with :func:`shielded` as a whole), and encodes (:func:`plain`, :func:`json_answer`); errors it does not answer
itself go through its :class:`ErrorTable` and, last, :func:`install_errors`.
"""

from __future__ import annotations

from agentd.http.addresses import Client, Networks
from agentd.http.answers import HTML, JSON, TEXT, json_answer, no_content, plain, rate_limit_headers
from agentd.http.errors import ErrorTable, Phrase, install_errors
from agentd.http.origin import (
    CrossSite,
    bearer_token,
    client_address,
    cross_site,
    from_networks,
    require_same_site,
)
from agentd.http.params import BadBody, BadParameter, Params, json_body
from agentd.http.shield import shield, shielded

__all__ = [
    "HTML",
    "JSON",
    "TEXT",
    "BadBody",
    "BadParameter",
    "Client",
    "CrossSite",
    "ErrorTable",
    "Networks",
    "Params",
    "Phrase",
    "bearer_token",
    "client_address",
    "cross_site",
    "from_networks",
    "install_errors",
    "json_answer",
    "json_body",
    "no_content",
    "plain",
    "rate_limit_headers",
    "require_same_site",
    "shield",
    "shielded",
]
