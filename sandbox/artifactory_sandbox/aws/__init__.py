"""The AWS control plane of the sandbox: moto in our own process, its gaps patched, its requests counted and refusable."""
