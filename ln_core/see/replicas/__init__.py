"""One batch on several devices: what each replica's statistics do to the gradient."""
