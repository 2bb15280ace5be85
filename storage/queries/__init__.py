"""Named queries, by noun; a use case asks here and nowhere else."""
