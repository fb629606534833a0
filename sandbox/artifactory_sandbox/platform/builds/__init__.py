"""Build information: runs, modules, what they made and used, promotions (12.10.4)."""
