import socket

import pytest


@pytest.fixture
def no_network(monkeypatch):
    """Nobody connects anywhere, or looks up a name."""

    def refuse(*_, **__):
        pytest.fail("a socket was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
