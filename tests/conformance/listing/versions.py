"""Versions to list, and what is listed of them."""


def labelled(client, *versions):
    """Versions beside the one that is there, each under a label of its own."""
    for version in versions:
        client.put_secret_value(
            SecretId="db", SecretString=version, ClientRequestToken=version, VersionStages=[f"label-{version}"]
        )


def ids(versions):
    return [entry["VersionId"] for entry in versions]
