"""WeCom's own application (企业微信自建应用): personal messages, with the provider's check against doubles."""
