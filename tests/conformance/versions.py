"""The versions of a secret, as a client sees them."""


def labels_of(client):
    described = client.describe_secret(SecretId="db")
    return {version: set(labels) for version, labels in described.get("VersionIdsToStages", {}).items()}
