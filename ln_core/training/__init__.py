"""What several trainings share: loop, optimizers, normalization layers, seeds, products."""
