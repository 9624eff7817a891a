"""Pages about calls to models: what each did, what all of them cost."""
