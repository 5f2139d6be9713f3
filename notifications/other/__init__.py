"""The long tail: any other Apprise address from a list of those that keep the office's words in the house."""
