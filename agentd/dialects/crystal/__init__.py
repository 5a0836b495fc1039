"""The Crystal call center API: agent commands."""
