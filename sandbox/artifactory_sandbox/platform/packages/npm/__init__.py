"""npm: the registry protocol: packuments, tarballs, publishing, tags, search."""
