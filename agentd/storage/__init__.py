"""Where facts stay: the journal on this machine's disk, and the database that follows it."""
