"""The commands that work on the database: users, phones, campaigns, tokens, the schema. See agentd.cli."""
