"""The DingTalk channel: a group's custom robot, signed, in real markdown, with mentions."""
