"""The lines of the in-groups, and who gets whom."""
