"""Shared helpers of the labeling notebooks. Importing this package imports nothing else."""
