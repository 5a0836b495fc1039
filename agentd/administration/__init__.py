"""The commands for what is set up, for leads and what was promised to them, and for the schema. See agentd.cli."""
