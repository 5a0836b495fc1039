"""One small module for each entry of the dialplan. Each answers through engine.operations."""
