"""The VICIdial agent API, on ``/agc/api.php`` and, as its later edition, on ``/x5/api/agent.php``."""
