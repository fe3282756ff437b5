"""Secrets to list, and what is listed of them."""


def listed(client, **request):
    """The names on one page."""
    return [entry["Name"] for entry in client.list_secrets(**request)["SecretList"]]


def where(key, *values):
    return {"Key": key, "Values": list(values)}


def create_all(backend, *names):
    for name in names:
        backend.create(name, "one")


def described(*descriptions):
    return [{"name": f"{place}-of-{len(descriptions)}", "description": text} for place, text in enumerate(descriptions)]
