"""What a rotation leaves."""


def stages(client, name="db"):
    described = client.describe_secret(SecretId=name)
    return {version: set(labels) for version, labels in described.get("VersionIdsToStages", {}).items()}


def outcomes(backend, name="db"):
    return [run.outcome for run in backend[name].rotations]


def rotation_members(client):
    described = client.describe_secret(SecretId="db")
    return {name for name in described if "Rotat" in name}
