"""One room for each type of channel: what its entry in channels.yaml may say, and the value that comes of it."""
