"""The designs of the world: manifests, the store of bundles, licences."""
