"""The SDK for JavaScript, version 3, from the npm registry."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from clients.environment import environment, run
from command_line.served import served

if "MOCK_SECRETS_CLIENTS" not in os.environ:
    pytest.skip("npm is asked only where tox run -e clients asks for it", allow_module_level=True)
if not (shutil.which("node") and shutil.which("npm")):
    pytest.skip("there is no node with its npm", allow_module_level=True)

PROGRAM = """
const sdk = require("@aws-sdk/client-secrets-manager");
const client = new sdk.SecretsManagerClient({ region: "us-east-1" });
const ask = (name, params) => client.send(new sdk[`${name}Command`](params));
(async () => {
  const told = {};
  await ask("CreateSecret", { Name: "db", SecretString: "first" });
  await ask("PutSecretValue", { SecretId: "db", SecretBinary: Buffer.from([0, 255]) });
  told.binary = [...(await ask("GetSecretValue", { SecretId: "db" })).SecretBinary];
  const previous = await ask("GetSecretValue", { SecretId: "db", VersionStage: "AWSPREVIOUS" });
  told.previous = [previous.SecretString, previous.CreatedDate.toISOString()];
  try { await ask("GetSecretValue", { SecretId: "none" }); }
  catch (error) { told.error = [error instanceof sdk.ResourceNotFoundException, error.message, error.$metadata.httpStatusCode]; }
  told.names = [];
  for await (const page of sdk.paginateListSecrets({ client, pageSize: 1 }, {})) told.names.push(...page.SecretList.map((one) => one.Name));
  told.names.sort();
  told.atOnce = (await Promise.all(Array.from({ length: 50 }, () => ask("DescribeSecret", { SecretId: "db" })))).length;
  console.log(JSON.stringify(told));
})();
"""


@pytest.fixture(scope="module")
def folder():
    """Where the SDK is, from one run to the next."""
    folder = Path(os.environ["MOCK_SECRETS_CLIENTS"])
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules" / "@aws-sdk").is_dir():
        npm = [shutil.which("npm"), "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
        try:
            subprocess.run([*npm, "@aws-sdk/client-secrets-manager@3"], check=True, capture_output=True, timeout=60)  # noqa: S603
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"npm can't install the SDK: {error}")
    return folder


def test_the_javascript_sdk_reads_writes_pages_and_is_refused(folder, tmp_path):
    (folder / "program.js").write_text(PROGRAM, encoding="utf-8")
    with served("--at", "2026-01-01T00:00:00Z") as server:
        server.backend.create("other", "o")
        out = run([shutil.which("node"), str(folder / "program.js")], environment(server.endpoint.url, tmp_path))

    assert json.loads(out) == {
        "binary": [0, 255],
        "previous": ["first", "2026-01-01T00:00:00.000Z"],
        "error": [True, "Secrets Manager can't find the specified secret.", 400],
        "names": ["db", "other"],
        "atOnce": 50,
    }
