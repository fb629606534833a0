"""What runs longer than an update: up of many stacks, watch, status, preview with questions to the servers."""
