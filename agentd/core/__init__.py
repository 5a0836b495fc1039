"""The authority: what agents, calls and legs are doing, and what may happen next.

Pure and synchronous. No I/O, no clock, no Twisted, no Asterisk or HTTP word in it.
"""
