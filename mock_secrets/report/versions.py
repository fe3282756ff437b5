"""The versions of secrets, numbered in the order in which they appeared, with the periods of their labels."""

from collections.abc import Iterator, Mapping
from typing import Any

from mock_secrets.kernel.happened import Standing
from mock_secrets.kernel.printable import printable


def place_free(arn: str) -> str:
    """The part of an ARN that it shares with its replicas' ARNs."""
    return ":".join(arn.split(":")[4:])


class Life:
    """One secret's versions. Its replicas have the same versions under the same numbers."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self._numbers = numbers
        self._labels: Mapping[str, str] = {}
        # By version id: lists of label, start and end.
        self._spans: dict[str, list[list[str | None]]] = {}
        self.name = ""
        self.gone_at: str | None = None

    def number(self, version_id: str) -> int:
        return self._numbers.setdefault(version_id, len(self._numbers) + 1)

    def known(self, version_id: str) -> int | None:
        return self._numbers.get(version_id)

    def stand(self, standing: Standing, at: str) -> list[dict[str, Any]]:
        """Record the secret's current state.

        :returns: the labels that have changed since the last one.
        """
        before, self._labels = self._labels, standing.labels
        self.name = standing.name
        if not standing.is_there:
            self.gone_at = self.gone_at or at
        return list(self._changes(before, standing.labels, at))

    def _changes(self, before: Mapping[str, str], after: Mapping[str, str], at: str) -> Iterator[dict[str, Any]]:
        for label in {**after, **before}:
            left, come = before.get(label), after.get(label)
            if left == come:
                continue
            if left is not None:
                self._end(left, printable(label), at)
            if come is not None:
                self._spans.setdefault(come, []).append([printable(label), at, None])
            yield {
                "label": printable(label),
                "from": None if left is None else self.number(left),
                "to": None if come is None else self.number(come),
            }

    def _end(self, version_id: str, label: str, at: str) -> None:
        for span in self._spans.get(version_id, ()):
            if span[0] == label and span[2] is None:
                span[2] = at

    def versions(self, labels: Mapping[str, frozenset[str]]) -> list[dict[str, Any]]:
        """All versions, existing ones and former ones."""
        ids = sorted({*labels, *self._spans}, key=self.number)
        return [
            {
                "number": self.number(one),
                "id": one,
                "is_there": one in labels,
                "labels": sorted(map(printable, labels.get(one, ()))),
                "spans": self._spans.get(one, []),
            }
            for one in ids
        ]


class Lives:
    """The versions of all secrets."""

    def __init__(self) -> None:
        self._by_arn: dict[str, Life] = {}
        self._numbers: dict[str, dict[str, int]] = {}

    @property
    def arns(self) -> list[str]:
        return list(self._by_arn)

    def of(self, arn: str) -> Life:
        if arn not in self._by_arn:
            self._by_arn[arn] = Life(self._numbers.setdefault(place_free(arn), {}))
        return self._by_arn[arn]
