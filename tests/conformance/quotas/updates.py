"""Many updates, each with a number."""

from conformance.raw import all_versions

KEPT = (
    "AWS User Guide, quotas: not removed are versions created less than 24 hours ago; AWS API reference, UpdateSecret"
)


def numbered(number):
    return f"{number:036d}"


def update(client, number, name="db"):
    return client.update_secret(SecretId=name, SecretString=str(number), ClientRequestToken=numbered(number))


def update_many(client, count):
    for number in range(1, count + 1):
        update(client, number)


def kept(client):
    """The ids of all versions, the oldest first: their order is that of their numbers."""
    return [entry["VersionId"] for entry in all_versions(client, IncludeDeprecated=True)]
