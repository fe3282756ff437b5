"""What runs in other processes, in a module that a spawned one can import too."""

import multiprocessing
import warnings

import boto3

import mock_secrets.activation  # noqa: F401 - a child that never imports it is told in another way


def read_and_write():
    client = boto3.client("secretsmanager")
    value = client.get_secret_value(SecretId="db")["SecretString"]
    client.put_secret_value(SecretId="db", SecretString="child's")
    return value


def answer_of(function, connection):
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            connection.send((function(), [(one.category.__name__, str(one.message)) for one in caught]))
    except BaseException as error:  # noqa: BLE001 - it is the parent that looks at it
        connection.send((type(error).__name__, str(error)))


def in_child(method, function):
    """What a function gives in another process: its result and the warnings, or the exception."""
    context = multiprocessing.get_context(method)
    here, there = context.Pipe()
    child = context.Process(target=answer_of, args=(function, there))
    child.start()
    assert here.poll(60)
    answer = here.recv()
    child.join()
    return answer
