"""The neighbours of Secrets Manager, as small as its behaviour needs them."""
