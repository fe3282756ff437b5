"""Versions put under labels."""


def put(client, version, *labels, value=None):
    stages = {"VersionStages": list(labels)} if labels else {}
    return client.put_secret_value(SecretId="db", SecretString=value or version, ClientRequestToken=version, **stages)
