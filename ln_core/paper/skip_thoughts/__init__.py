"""Skip-thoughts sentence vectors, with and without Layer Norm."""
