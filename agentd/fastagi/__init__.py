"""A FastAGI server for Twisted: Asterisk's dialplan asks, a handler answers.

    async def greet(agi: AGI) -> None:
        await agi.answer()
        digits = await agi.get_data("vm-extension", wait=5.0, max_digits=4)
        await agi.go_to("agents", digits.digits)

    endpoint.listen(FastAGIFactory({"greet": greet}, reactor))

``wire`` is the language without any I/O, ``protocol`` one session, ``commands`` what a handler can say, ``server`` the
table of routes. Nothing here knows anything else of agentd.
"""

from agentd.fastagi.commands import AGI
from agentd.fastagi.protocol import Limits
from agentd.fastagi.server import FastAGIFactory, Handler

__all__ = ["AGI", "FastAGIFactory", "Handler", "Limits"]
