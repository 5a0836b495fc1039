"""Sessions: login, pause, phones, and what comes after a call."""
