"""The dialler: calls that a campaign makes by itself, for its blended agents."""
