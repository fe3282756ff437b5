"""Wraps functions of every kind, and test classes, in an activation of the mock."""

import functools
import inspect
import unittest
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AbstractContextManager, ExitStack
from typing import Any, NamedTuple, Protocol

#: The attribute that holds the decoration of a decorated function or class.
MARK = "__mock_secrets__"

#: The name of the parameter that receives the backend.
BACKEND_PARAMETER = "secrets_backend"

Function = Callable[..., Any]
Enter = Callable[[], AbstractContextManager[Any]]


class Activation(Protocol):
    """The mock around a call, a test, or all tests of a class."""

    def for_call(self) -> AbstractContextManager[Any]: ...
    def for_test(self) -> AbstractContextManager[Any]: ...
    def for_class(self) -> AbstractContextManager[Any]: ...


class Decoration(NamedTuple):
    """An activation and what it decorates. The target tells a decoration from one copied by ``functools.wraps``."""

    activation: Activation
    target: Any


class _Begun(NamedTuple):
    """A mock that a set-up method has started, and the method."""

    by: Function
    inside: AbstractContextManager[Any]


def decoration_of(target: Any) -> Any:
    """The activation that decorates the function or class itself, or None."""
    function = getattr(target, "__func__", target)
    mark = getattr(function, MARK, None)
    if mark is None or not (isinstance(target, type) or mark.target is function):
        return None
    return mark.activation


def decoration_within(target: Any) -> Any:
    """The outermost activation around a function, looking through other decorators; None without one."""
    function = getattr(target, "__func__", target)
    while function is not None:
        activation = decoration_of(function)
        if activation is not None:
            return activation
        function = getattr(function, "__wrapped__", None)
    return None


def decorated(activation: Activation, target: Any) -> Any:
    """Return the function or test class with the activation around it.

    :raises TypeError: if it is neither. The message shows only its type, since its repr may contain secrets.
    """
    if isinstance(target, type):
        return _decorated_class(activation, target)
    if isinstance(target, staticmethod | classmethod):
        return type(target)(_decorated_function(activation, target.__func__))
    is_function = inspect.isfunction(target) or inspect.ismethod(target) or inspect.isbuiltin(target)
    # In pytest before 8.4 a fixture is a function with this attribute.
    if isinstance(target, str):
        raise TypeError(
            "mock_secrets takes parameters only by name, such as mock_secrets(region='eu-west-1'), but it was given a str"
        )
    if not is_function or hasattr(target, "_pytestfixturefunction"):
        raise TypeError(
            "mock_secrets decorates functions and test classes, and takes parameters only by name, but it was given an"
            f" object of type {type(target).__name__}. On a pytest fixture, put it below @pytest.fixture."
        )
    return _decorated_function(activation, target)


def _decorated_function(activation: Activation, function: Function) -> Function:
    wrapper = _around(activation.for_call, function)
    setattr(wrapper, MARK, Decoration(activation, wrapper))
    return wrapper


def _decorated_class(activation: Activation, target: type) -> type:
    if issubclass(target, unittest.TestCase):
        _decorate_test_case(activation, target)
    else:
        _refuse_without_tests(target)
        _decorate_plain_class(activation, target)
    setattr(target, MARK, Decoration(activation, target))
    return target


def _around(enter: Enter, function: Function) -> Function:
    if inspect.isasyncgenfunction(function):
        return _around_async_generator(enter, function)
    if inspect.iscoroutinefunction(function):
        return _around_coroutine(enter, function)
    if inspect.isgeneratorfunction(function):
        return _around_generator(enter, function)
    return _around_function(enter, function)


def _around_function(enter: Enter, function: Function) -> Function:
    given = _arguments(function)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with enter() as backend:
            return function(*args, **given(args, kwargs, backend))

    return wrapper


def _around_coroutine(enter: Enter, function: Function) -> Function:
    given = _arguments(function)

    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with enter() as backend:
            return await function(*args, **given(args, kwargs, backend))

    return wrapper


def _around_generator(enter: Enter, function: Function) -> Function:
    given = _arguments(function)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with enter() as backend:
            return (yield from function(*args, **given(args, kwargs, backend)))

    return wrapper


def _around_async_generator(enter: Enter, function: Function) -> Function:
    given = _arguments(function)

    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        with enter() as backend:
            generator = function(*args, **given(args, kwargs, backend))
            try:
                item = await anext(generator)
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:
                        raise
                    except BaseException as error:  # noqa: BLE001 - thrown in from outside, and passed on
                        item = await generator.athrow(error)
                    else:
                        item = await generator.asend(sent)
            except StopAsyncIteration:
                return
            finally:
                await generator.aclose()

    return wrapper


def _arguments(function: Function) -> Callable[[tuple[Any, ...], dict[str, Any], Any], dict[str, Any]]:
    """Return a function that adds the backend to a call's keyword arguments, if the decorated function has a parameter
    for it that the caller did not pass."""
    signature = inspect.signature(function)
    if BACKEND_PARAMETER not in signature.parameters:
        return lambda args, kwargs, backend: kwargs  # noqa: ARG005

    def given(args: tuple[Any, ...], kwargs: dict[str, Any], backend: Any) -> dict[str, Any]:
        if BACKEND_PARAMETER in signature.bind_partial(*args, **kwargs).arguments:
            return kwargs
        return {**kwargs, BACKEND_PARAMETER: backend}

    return given


def _decorate_test_case(activation: Activation, case: type[unittest.TestCase]) -> None:
    """Wrap ``run``, so that one activation covers setUp, the test, tearDown and the cleanups.

    A ``setUpClass``, including one that a subclass adds, starts the mock for the whole class. Each test sees what
    setUpClass created and works at a savepoint, so its own changes are undone, under any runner.
    """
    run, debug = case.run, case.debug

    @functools.wraps(run)
    def run_inside(self: unittest.TestCase, result: unittest.TestResult | None = None) -> Any:
        with ExitStack() as stack:
            try:
                backend = stack.enter_context(activation.for_test())
            except Exception as error:  # noqa: BLE001 - reported as this test's error: run must not raise
                self.setUp = functools.partial(_raise, error)  # type: ignore[method-assign]
                return run(self, result)
            self.secrets_backend = backend  # type: ignore[attr-defined]
            failures = _failures(self, result)
            # In the last cleanup, for the same reason.
            self.addCleanup(lambda: backend._guards.test_has_ended(failed=_failures(self, result) > failures))
            return run(self, result)

    @functools.wraps(debug)
    def debug_inside(self: unittest.TestCase) -> None:
        with activation.for_test() as backend:
            self.secrets_backend = backend  # type: ignore[attr-defined]
            debug(self)

    def wrap_set_up(cls: type[unittest.TestCase], set_up: Any) -> None:
        if set_up is not None and set_up is not unittest.TestCase.__dict__["setUpClass"]:
            cls.setUpClass = classmethod(_set_up_class(activation, set_up))  # type: ignore[method-assign, assignment]

    inherited: Any = inspect.getattr_static(case, "__init_subclass__")

    def init_subclass(cls: type[unittest.TestCase], /, **kwargs: Any) -> None:
        inherited.__get__(None, cls)(**kwargs)
        wrap_set_up(cls, cls.__dict__.get("setUpClass"))

    case.run = run_inside  # type: ignore[method-assign]
    case.debug = debug_inside  # type: ignore[method-assign]
    case.__init_subclass__ = classmethod(init_subclass)  # type: ignore[assignment]
    wrap_set_up(case, inspect.getattr_static(case, "setUpClass"))


def _failures(test: unittest.TestCase, result: Any) -> int:
    """The number of failures so far, by the test's result, by its outcome (up to Python 3.10), or by pytest."""
    outcome = getattr(test, "_outcome", None)
    told = [error for _, error in getattr(outcome, "errors", ()) if error is not None]
    result = getattr(outcome, "result", result)
    return len(told) + sum(len(getattr(result, name, None) or ()) for name in ("failures", "errors", "_excinfo"))


def _raise(error: Exception) -> None:
    raise error


def _set_up_class(activation: Activation, set_up: Any) -> Function:
    def set_up_inside(cls: type[unittest.TestCase]) -> None:
        inside = activation.for_class()
        cls.secrets_backend = inside.__enter__()  # type: ignore[attr-defined]
        # A cleanup also runs if the set-up fails, when tearDownClass is not called.
        cls.addClassCleanup(inside.__exit__, None, None, None)
        set_up.__get__(None, cls)()

    return set_up_inside


def _refuse_without_tests(target: type) -> None:
    names = [name for name in dir(target) if name.startswith(("test", "Test"))]
    if not any(_is_test(inspect.getattr_static(target, name)) for name in names):
        raise TypeError(
            f"mock_secrets decorates test classes, but {target.__qualname__} has no tests: no method has a name that"
            " starts with 'test'. Decorate the classes with the tests, or the functions that call the service, or use"
            " a with block: with mock_secrets(): ..."
        )


def _is_test(member: Any) -> bool:
    """Whether a member with a test's name is a test, or a class that may contain tests."""
    return callable(member) or isinstance(member, staticmethod | classmethod)


def _decorate_plain_class(activation: Activation, target: type) -> None:
    """Wrap the class from its set-up to its tear-down, likewise each test, and also each test method by itself.

    The last is for callers other than pytest, which do not call set-up methods.
    """
    begun: dict[int, _Begun] = {}
    _bracket_class(activation, target, begun)
    # pytest also calls the set-up methods of a class for its nested classes, which do not have them.
    if not any(isinstance(member, type) and name.startswith("Test") for name, member in vars(target).items()):
        _bracket_method(activation, target, begun)
    inherited: Any = inspect.getattr_static(target, "__init_subclass__")

    def init_subclass(cls: type, /, **kwargs: Any) -> None:
        inherited.__get__(None, cls)(**kwargs)
        if {"setup_class", "teardown_class"} & vars(cls).keys():
            _bracket_class(activation, cls, begun)
        if {"setup_method", "teardown_method"} & vars(cls).keys():
            _bracket_method(activation, cls, begun)

    target.__init_subclass__ = classmethod(init_subclass)  # type: ignore[assignment]
    for name in dir(target):
        if name.startswith("test"):
            _replace(target, name, functools.partial(_around, activation.for_test))


def _bracket_class(activation: Activation, target: type, begun: dict[int, _Begun]) -> None:
    if hasattr(target, "setup_class") or hasattr(target, "teardown_class"):
        for name, function in _bracket(activation.for_class, target, "class", begun):
            setattr(target, name, classmethod(_with_one_parameter(function)))


def _bracket_method(activation: Activation, target: type, begun: dict[int, _Begun]) -> None:
    for name, function in _bracket(activation.for_test, target, "method", begun):
        setattr(target, name, _with_two_parameters(function))


# pytest counts the parameters of a set-up method to decide what to pass.


def _with_one_parameter(function: Function) -> Function:
    return lambda cls: function(cls)  # noqa: PLW0108 - see above


def _with_two_parameters(function: Function) -> Function:
    return lambda self, method=None: function(self, method)


def _bracket(enter: Enter, target: type, level: str, begun: dict[int, _Begun]) -> list[tuple[str, Function]]:
    """Return a set-up and a tear-down around the class's own, with the mock active from one to the other.

    :param begun: what set-ups have started, by the id of the instance or class. A subclass that overrides one of the
        two methods is wrapped again around its base, and may or may not call the method of the base.
    """
    set_up, tear_down = _hook(target, f"setup_{level}"), _hook(target, f"teardown_{level}")

    def begin(owner: Any, *method: Any) -> None:
        if id(owner) not in begun:
            inside = enter()
            inside.__enter__()
            begun[id(owner)] = _Begun(begin, inside)
        try:
            set_up(owner, *method)
        except BaseException:
            stop(owner)
            raise

    def end(owner: Any, *method: Any) -> None:
        try:
            tear_down(owner, *method)
        finally:
            stop(owner)

    def stop(owner: Any) -> None:
        if id(owner) in begun and begun[id(owner)].by is begin:
            begun.pop(id(owner)).inside.__exit__(None, None, None)

    return [(f"setup_{level}", begin), (f"teardown_{level}", end)]


def _hook(target: type, name: str) -> Function:
    """A class's own set-up or tear-down, called with as many arguments as it takes."""
    member: Any = inspect.getattr_static(target, name, None)
    if member is None:
        return lambda *_: None

    def call(owner: Any, *rest: Any) -> None:
        if isinstance(owner, type):
            bound = member.__get__(None, owner)
            arguments: tuple[Any, ...] = rest if isinstance(member, classmethod) else (owner, *rest)
        else:
            bound, arguments = member.__get__(owner, type(owner)), rest
        bound(*arguments[: len(inspect.signature(bound).parameters)])

    return call


def _replace(target: type, name: str, wrap: Callable[[Function], Function]) -> None:
    """Wrap a method, even if it is static, a class method, or inherited."""
    member = inspect.getattr_static(target, name)
    if isinstance(member, staticmethod | classmethod):
        setattr(target, name, type(member)(wrap(member.__func__)))
    elif inspect.isfunction(member):
        setattr(target, name, wrap(member))
