"""What all channels over HTTP share: the one way to post, and the answers that mean the same everywhere."""
