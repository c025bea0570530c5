"""A site without a server: home, recordings, presets and pages that compute, as plain files."""
