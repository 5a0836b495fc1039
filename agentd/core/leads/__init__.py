"""Leads, what was promised to them, and who must not be called."""
