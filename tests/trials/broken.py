"""Rotation functions with the mistakes that people publish, each wrong in one place."""

from contextlib import suppress

from templates import SingleUser


class CreatesAnew(SingleUser):
    """createSecret makes a password at each attempt."""

    def create(self, client, secret, token):
        current = self.read(client, secret, VersionStage="AWSCURRENT")
        self.put(client, secret, token, {**current, "password": self.password(client)})


class FinishesBlindly(SingleUser):
    """finishSecret does not look where AWSCURRENT is: it takes it from the first version."""

    def checks(self, client, secret, token):
        return False

    def pending(self, client, secret, token):
        return self.read(client, secret, VersionId=token)

    def create(self, client, secret, token):
        try:
            self.read(client, secret, VersionId=token)
        except client.exceptions.ResourceNotFoundException:
            current = self.read(client, secret, VersionStage="AWSCURRENT")
            self.put(client, secret, token, {**current, "password": self.password(client)})

    def finish(self, client, secret, token):
        stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
        other = next(version for version in stages if version != token)
        client.update_secret_version_stage(
            SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=other
        )


class OverwritesAtARetry(SingleUser):
    """setSecret that finds its work not done makes another password, under a version of its own."""

    def create(self, client, secret, token):
        current = self.read(client, secret, VersionStage="AWSCURRENT")
        value = {**current, "password": self.password(client)}
        try:
            self.put(client, secret, token, value)
        except client.exceptions.ResourceExistsException:
            self.put(client, secret, f"{token[:-4]}aaaa", value)


class LacksRemoveFrom(SingleUser):
    """finishSecret does not name the version that AWSCURRENT leaves."""

    def finish(self, client, secret, token):
        client.update_secret_version_stage(SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token)


class ChangesBeforeItStores(SingleUser):
    """The password is changed before it is stored."""

    def create(self, client, secret, token):
        current = self.read(client, secret, VersionStage="AWSCURRENT")
        try:
            self.read(client, secret, VersionId=token, VersionStage="AWSPENDING")
        except client.exceptions.ResourceNotFoundException:
            password = self.password(client)
            self.database.passwords[current["username"]] = password
            self.put(client, secret, token, {**current, "password": password})


class ChecksNoStage(SingleUser):
    """The token's version is taken for the pending one, whatever it is now."""

    def checks(self, client, secret, token):
        stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
        return "AWSCURRENT" in stages[token]

    def pending(self, client, secret, token):
        return self.read(client, secret, VersionId=token)


class ReadsByLabel(SingleUser):
    """AWSPENDING is read by its label alone."""

    def pending(self, client, secret, token):
        return self.read(client, secret, VersionStage="AWSPENDING")


class FinishesInTheWrongStep(SingleUser):
    """createSecret makes the new version current at once, and the password follows."""

    def put(self, client, secret, token, value):
        super().put(client, secret, token, value)
        self.finish(client, secret, token)


class SaysNothing(SingleUser):
    """Every error is swallowed, and the first step does nothing."""

    def create(self, client, secret, token):
        pass

    def __call__(self, event, context):
        with suppress(Exception):
            super().__call__(event, context)


class LetsGoOfPending(SingleUser):
    """AWSPENDING is taken away once the password is set, before AWSCURRENT is moved."""

    def checks(self, client, secret, token):
        return "AWSCURRENT" in client.describe_secret(SecretId=secret)["VersionIdsToStages"].get(token, [])

    def pending(self, client, secret, token):
        return self.read(client, secret, VersionId=token)

    def test(self, client, secret, token):
        super().test(client, secret, token)
        client.update_secret_version_stage(SecretId=secret, VersionStage="AWSPENDING", RemoveFromVersionId=token)


class SwallowsInSetSecret(SingleUser):
    """What goes wrong before the last step is swallowed."""

    def set(self, client, secret, token):
        with suppress(Exception):
            super().set(client, secret, token)

    def test(self, client, secret, token):
        pass


class TakesPreviousAway(SingleUser):
    """The version before is left without a label."""

    def finish(self, client, secret, token):
        super().finish(client, secret, token)
        stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
        previous = next(version for version, labels in stages.items() if "AWSPREVIOUS" in labels)
        client.update_secret_version_stage(SecretId=secret, VersionStage="AWSPREVIOUS", RemoveFromVersionId=previous)


class LeavesPendingBehind(SingleUser):
    """AWSPENDING ends on the version before."""

    def finish(self, client, secret, token):
        super().finish(client, secret, token)
        stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
        previous = next(version for version, labels in stages.items() if "AWSPREVIOUS" in labels)
        client.update_secret_version_stage(
            SecretId=secret, VersionStage="AWSPENDING", MoveToVersionId=previous, RemoveFromVersionId=token
        )
