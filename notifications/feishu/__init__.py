"""The Feishu channel: a group's custom robot, signed, as a card or as plain text, with mentions."""
