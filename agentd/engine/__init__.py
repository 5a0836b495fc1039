"""Between the core and the world: submits commands, writes the journal, carries effects out, tells the news."""
