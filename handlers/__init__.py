"""The doors: what a person did becomes one use case, and its answer becomes what a person sees."""
