"""Calls that make versions and move labels, to be made later."""


def put(version, *labels):
    """The call that makes a version, under these labels or the default."""
    stages = {"VersionStages": list(labels)} if labels else {}
    return lambda client: client.put_secret_value(
        SecretId="db", SecretString=version, ClientRequestToken=version, **stages
    )


def stage(label, *, remove=None, move=None):
    """The call that moves a label."""
    given = {"RemoveFromVersionId": remove, "MoveToVersionId": move}
    versions = {name: version for name, version in given.items() if version is not None}
    return lambda client: client.update_secret_version_stage(SecretId="db", VersionStage=label, **versions)
