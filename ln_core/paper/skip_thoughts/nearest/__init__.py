"""The sentences that the recorded skip-thoughts encoders find similar."""
