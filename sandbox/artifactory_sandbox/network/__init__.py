"""Names, load balancers and the forward proxy that plays both between clients, sites and nodes."""
