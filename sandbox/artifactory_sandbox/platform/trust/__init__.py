"""Trust between platforms: pairing tokens, and the tokens that pairing leaves behind (4.1)."""
