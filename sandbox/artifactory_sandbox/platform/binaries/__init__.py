"""Where binaries live: the chain that binarystore.xml names."""
