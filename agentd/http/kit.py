"""What a face needs, under one name: ``from agentd.http import kit``.

A handler decodes (:class:`Params`, :func:`whole_body`), calls an operation under :func:`shield`, and encodes
(:func:`plain`, :func:`json_answer`, what a client gave in :func:`echo`, files by :class:`Files`); errors it does not
answer itself go through its :class:`ErrorTable` and, last, :func:`install_errors`.
"""

from __future__ import annotations

from agentd.http.addresses import Client, Networks
from agentd.http.answers import CONTROL, HTML, JSON, TEXT, echo, json_answer, json_text, plain, rate_limit_headers
from agentd.http.errors import ErrorTable, Phrase, install_errors
from agentd.http.files import Files, OutOfRange, Span, asked_span
from agentd.http.origin import (
    CrossSite,
    bearer_token,
    client_address,
    cross_site,
    from_networks,
    require_same_site,
    sure_address,
)
from agentd.http.params import BadParameter, Params, whole_body
from agentd.http.shield import shield

__all__ = [
    "CONTROL",
    "HTML",
    "JSON",
    "TEXT",
    "BadParameter",
    "Client",
    "CrossSite",
    "ErrorTable",
    "Files",
    "Networks",
    "OutOfRange",
    "Params",
    "Phrase",
    "Span",
    "asked_span",
    "bearer_token",
    "client_address",
    "cross_site",
    "echo",
    "from_networks",
    "install_errors",
    "json_answer",
    "json_text",
    "plain",
    "rate_limit_headers",
    "require_same_site",
    "shield",
    "sure_address",
    "whole_body",
]
