"""Maven, Gradle, Ivy and sbt: metadata that is computed and merged, snapshots, checks of what arrives (2.7, 2.8)."""
