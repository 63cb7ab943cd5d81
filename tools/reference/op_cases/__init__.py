"""The cases of each family of ops; tools/reference/ops.py runs them."""
