"""A robot in a WeCom group (企业微信群机器人): one message for all, with the members it concerns mentioned."""
