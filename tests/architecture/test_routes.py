"""No route is forgotten by the tests that walk every address: headers, forms, accessibility."""

from tests import routes


def test_every_route_that_takes_arguments_has_them_in_the_table() -> None:
    assert routes.without_arguments() == [], "Say in ARGUMENTS of tests/routes.py what leads there."
