"""pytest: the scenarios against an endpoint, or against AWS, in place of the mock."""

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol

if TYPE_CHECKING:
    from conformance.portable.elsewhere import Elsewhere
    from conformance.portable.results import Case
    from conformance.portable.targets import Target


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("portable suite", "the scenarios of tests/conformance against something else than the mock")
    where = group.addoption
    where("--endpoint-url", metavar="URL", help="run the scenarios that a client alone can show against this endpoint")
    where("--aws", action="store_true", help="run them against AWS: see docs/portable-suite.md for what that costs")
    where("--home-region", metavar="NAME", default="us-east-1", help="the Region in which they run there")
    where("--results", metavar="FILE", type=Path, help="write the verdict on each scenario, as .json or .md")
    where("--record", metavar="FILE", type=Path, help="write the verdicts and all that was answered, masked, as JSON")
    where(
        "--from-record",
        metavar="FILE",
        type=Path,
        help="with --write-fidelity: take over what AWS was recorded to answer",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "not_portable(reason): only the mock can show it, which its code does not tell")
    url, is_aws, record = (config.getoption(name) for name in ("endpoint_url", "aws", "from_record"))
    if record is not None:
        _take_over(config, record)
    if url and is_aws:
        raise pytest.UsageError("--endpoint-url and --aws name two places; name one")
    if (url or is_aws) and config.getoption("numprocesses", None):
        raise pytest.UsageError("the portable suite runs in one process: leave -n out")
    if url or is_aws:
        import tables
        from conformance.portable import targets

        tables.ROWS_ARE_CASES = True
        region = config.getoption("home_region")
        target = targets.aws(region) if is_aws else targets.endpoint(url, region)
        config.pluginmanager.register(PortableRun(config, target), "portable-run")


def _take_over(config: pytest.Config, record: Path) -> None:
    from conformance.portable.verdicts import take_over

    if not config.getoption("write_fidelity"):
        raise pytest.UsageError("--from-record goes with --write-fidelity")
    try:
        take_over(record)
    except (OSError, ValueError) as error:
        raise pytest.UsageError(f"--from-record: {error}") from error


class PortableRun:
    """A run of the scenarios somewhere else."""

    def __init__(self, config: pytest.Config, target: "Target") -> None:
        self._config = config
        self._target = target
        self._began = datetime.now(timezone.utc)
        self._count = 0
        self._pace = target.paces[0]
        self._elsewhere: Elsewhere | None = None
        self._made: dict[str, set[str]] = {}
        self._cases: list[Case] = []

    @pytest.fixture
    def secrets_backend(self) -> "Iterator[Elsewhere]":
        """What a client can see and do of it, under names of this scenario alone; all that it made is deleted after it."""
        from conformance.portable.elsewhere import Elsewhere
        from conformance.portable.names import Names, of_a_scenario

        self._count += 1
        prefix = of_a_scenario(self._target.run, self._count)
        names = Names(prefix, account=self._target.account, region=self._target.region)
        elsewhere = self._elsewhere = Elsewhere(self._target, names, self._pace, self._made)
        yield elsewhere
        elsewhere.close()
        self._clean_up()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        from conformance.portable.needs import missing, scenario_of
        from conformance.portable.results import Case

        reasons = [(item, missing(item)) for item in items]
        self._cases += [
            Case(scenario_of(item), _parameters(item), "could not run", why) for item, why in reasons if why is not None
        ]
        config.hook.pytest_deselected(items=[item for item, why in reasons if why is not None])
        items[:] = [item for item, why in reasons if why is None]

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> str:
        from conformance.portable.targets import announcement

        return announcement(self._target, len(items))

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for pace in self._target.paces:
            self._pace, self._elsewhere = pace, None
            if hasattr(item, "_initrequest"):
                item._initrequest()
            reports = runtestprotocol(item, nextitem=nextitem, log=False)
            if not any(report.failed for report in reports):
                break
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        self._cases.append(self._case(item, reports))
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl(hookwrapper=True)
    def pytest_sessionfinish(self) -> Iterator[None]:
        """After an interrupt too."""
        yield
        self._clean_up()
        self._write()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        from conformance.portable.results import summary

        terminalreporter.section(f"portable suite against {self._target.name}, {self._target.region}")
        for line in summary(self._cases):
            terminalreporter.write_line(line)
        for region, names in self._made.items():
            terminalreporter.write_line(f"could not be deleted in {region}: {', '.join(sorted(names))}", red=True)

    def _clean_up(self) -> None:
        try:
            left = self._target.delete(self._made)
        except KeyboardInterrupt:
            print(f"\nInterrupted while it deleted what it had made. Its names begin with {self._target.run}")
            raise
        self._made.clear()
        self._made.update(left)

    def _case(self, item: pytest.Item, reports: list[pytest.TestReport]) -> "Case":
        from conformance.portable.needs import scenario_of
        from conformance.portable.recording import Masks
        from conformance.portable.results import Case

        exchanges = self._elsewhere.exchanges if self._elsewhere is not None else []
        masks = Masks(exchanges)
        skipped = [report.longrepr[2].removeprefix("Skipped: ") for report in reports if report.skipped]
        if any(report.failed for report in reports):
            verdict, why = "differs", masks.told(exchanges[-1]) if exchanges else "nothing was answered"
        elif skipped:
            verdict, why = "could not run", skipped[0]
        else:
            verdict, why = "agrees", ""
        return Case(
            scenario_of(item),
            _parameters(item),
            verdict,
            why,
            tuple(dict.fromkeys(one.operation for one in exchanges)),
            tuple(map(masks.exchange, exchanges)),
        )

    def _write(self) -> None:
        from conformance.portable.results import document, table

        run = {
            "target": "AWS" if self._target.url is None else self._target.url,
            "region": self._target.region,
            "date": f"{self._began:%Y-%m-%d}",
        }
        results, record = self._config.getoption("results"), self._config.getoption("record")
        if record is not None:
            record.write_text(_json(document(self._cases, with_exchanges=True, **run)), encoding="utf-8")
        if results is not None and results.suffix == ".md":
            results.write_text(table(self._cases), encoding="utf-8")
        elif results is not None:
            results.write_text(_json(document(self._cases, with_exchanges=False, **run)), encoding="utf-8")


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1) + "\n"


def _parameters(item: pytest.Item) -> str:
    """Those of the test, without the door."""
    found = item.name.removeprefix(getattr(item, "originalname", None) or item.name)
    return found.replace("[hook]", "").replace("[hook-", "[").replace("-hook]", "]")
