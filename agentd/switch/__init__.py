"""Asterisk in the core's words: effects become AMI actions, AMI events become commands."""
